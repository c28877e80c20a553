// The photo travels by itself, once, and is handed to everything that shows it.
watch('value', () => {
  window.dispatchEvent(new CustomEvent('pm-photo', { detail: props.value || {} }));
});
