// Leaving the page is asked about where work would be lost: undo reaches over photos, not over a
// reload. What was done since the last file was written counts.
let changed = false;

window.addEventListener('pm-file', ({ detail }) => {
  if (detail.file) changed = false;
});
window.addEventListener('beforeunload', (event) => {
  if (!element.isConnected || !changed || !last.work) return;
  event.preventDefault();
  event.stopImmediatePropagation();  // Gradio hangs up here, though one may stay
}, true);
