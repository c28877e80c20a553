// What the server says travels by itself, once, and is handed to everything that shows it. What is
// older than the last that was handed on comes too late.
let newest = -1;
watch('value', () => {
  const value = props.value || {};
  if (value.revision < newest) return;
  newest = value.revision ?? newest;
  window.dispatchEvent(new CustomEvent('pm-NAME', { detail: value }));
});
