"""What the window and the page's pad say before there is an answer."""

WELCOME = "Draw a digit, 0 to 9, anywhere and in any size."
WELCOME_NUMBER = "Draw a number, digit by digit, from left to right."
ONLY_A_DOT = "That is only a dot. Draw the whole digit, in one stroke or several."
