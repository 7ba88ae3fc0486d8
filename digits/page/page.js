// To Streamlit's toasts, which are dialogs, it gives no name: they get what they say.
window.namingOfToasts ??= new MutationObserver(() => {
  for (const toast of document.querySelectorAll('[data-testid="stToast"]:not([aria-label])'))
    toast.setAttribute("aria-label", toast.innerText);
});
window.namingOfToasts.observe(document.body, { childList: true, subtree: true });
