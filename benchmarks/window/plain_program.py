"""A plain program of the ordinary kind: what the window is compared with.

    python benchmarks/window/plain_program.py model.h5

Written as such programs are: TensorFlow imported and the model loaded before anything is shown, then one loop without
a rest that asks for the events, paints all 784 cells and, when Enter is pressed, calls `model.predict` on the
cells as they are. R clears them, Esc ends. The answer is painted, then printed. It differs from the ordinary in one
point, without which it does not run everywhere: TensorFlow and Mesa's OpenGL crash in one process, so SDL is told to
paint without OpenGL (which also saves it 90 MB).
"""

import os
import sys

import numpy as np

os.environ["SDL_FRAMEBUFFER_ACCELERATION"] = "0"

CELLS = 28
CELL = 20  # pixels
WHITE, BLACK, GREY, RED = (255, 255, 255), (0, 0, 0), (220, 220, 220), (220, 0, 0)


def main() -> None:
    """Load, show, and go round until the window is closed."""
    import pygame
    import tensorflow as tf

    model = tf.keras.models.load_model(sys.argv[1])
    pygame.display.init()
    pygame.font.init()
    screen = pygame.display.set_mode((CELLS * CELL, CELLS * CELL + 60))
    font = pygame.font.Font(None, 48)
    cells = np.zeros((CELLS, CELLS), np.uint8)
    answer = printed = ""
    while True:
        for event in pygame.event.get():
            if event.type == pygame.QUIT or (event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE):
                pygame.quit()
                return
            if event.type == pygame.KEYDOWN and event.key == pygame.K_r:
                cells[:] = 0
                answer = printed = ""
            if event.type == pygame.KEYDOWN and event.key == pygame.K_RETURN:
                probabilities = model.predict(cells.reshape(1, CELLS, CELLS, 1) / 255.0, verbose=0)[0]
                answer, printed = str(probabilities.argmax()), ""
        if pygame.mouse.get_pressed()[0]:
            x, y = pygame.mouse.get_pos()
            ink(cells, x // CELL, y // CELL)
        screen.fill(WHITE)
        for row in range(CELLS):
            for column in range(CELLS):
                shade = 255 - int(cells[row, column])
                box = (column * CELL, row * CELL, CELL, CELL)
                pygame.draw.rect(screen, (shade, shade, shade), box)
                pygame.draw.rect(screen, GREY, box, 1)
        screen.blit(font.render(answer, True, RED if answer else BLACK), (10, CELLS * CELL + 10))
        pygame.display.flip()
        if answer != printed:
            print(answer, flush=True)
            printed = answer


def ink(cells: np.ndarray, column: int, row: int) -> None:
    """Make the cell under the pointer black and its four neighbours dark."""
    for x, y, shade in (
        (column, row, 255),
        (column + 1, row, 160),
        (column - 1, row, 160),
        (column, row + 1, 160),
        (column, row - 1, 160),
    ):
        if 0 <= x < CELLS and 0 <= y < CELLS:
            cells[y, x] = max(cells[y, x], shade)


if __name__ == "__main__":
    main()
