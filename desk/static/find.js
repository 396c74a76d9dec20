// Ctrl+K, or ⌘K, leads to the box in the head. A letter alone would also be typed by whoever dictates (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const box = [...document.querySelectorAll("[aria-keyshortcuts]")].find((one) => one.checkVisibility());
  const link = document.querySelector(".find-link");
  if (!box && !link) return;
  event.preventDefault();
  if (box) box.select(); else link.click();
});
