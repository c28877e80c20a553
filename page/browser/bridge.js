// What the server says travels by itself, once, and is handed to everything that shows it.
watch('value', () => {
  window.dispatchEvent(new CustomEvent('pm-NAME', { detail: props.value || {} }));
});
