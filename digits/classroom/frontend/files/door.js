// The code that somebody types leads to the page of the class.

document.querySelector("#door").addEventListener("submit", (event) => {
  event.preventDefault();
  location.href = `/${encodeURIComponent(event.target.code.value.trim().toUpperCase())}`;
});
