// Shortcuts, wherever the focus is, as long as nothing is being typed.
const typed = (node) => node.matches(
  'textarea, select, input:not([type=radio]):not([type=range]):not([type=checkbox])',
);
function onKey(event) {
  if (!element.isConnected) return document.removeEventListener('keydown', onKey);
  if (!picture || typed(event.target) || event.defaultPrevented || $('.pm-help').open) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    const name = key === 'y' || (key === 'z' && event.shiftKey) ? 'redo' : key === 'z' ? 'undo' : '';
    const button = name && $(`[data-act=${name}]`);
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) act(name);
    return;
  }
  if (event.altKey) return;
  const active = activeSubject();
  const modes = { k: 'keep', d: 'drop', b: 'box', p: 'brush', l: 'lasso' };
  const keys = {
    a: () => request('auto'),
    n: () => active && act('fresh'),
    c: () => last.candidates.length > 1 && request('choose', { step: event.shiftKey ? -1 : 1 }),
    v: () => act('veil'),
    h: () => {
      peeks = !peeks;
      hidePeek();
      say(peeks ? 'Resting the mouse shows what a click would take.' : 'No looking ahead. H turns it on.');
    },
    '/': () => phrase.focus(),
    '?': () => act('help'),
    '[': () => resize(-4),
    ']': () => resize(4),
    delete: () => active && request('remove', { keys: [active.key] }),
    f2: () => active && window.dispatchEvent(new CustomEvent('pm-rename', { detail: active })),
    escape: () => {
      warn('');
      if (painting) dropPaint();
      if (corner) { dropCorner(); hint(); }
      if (searched) unfind();
    },
  };
  if (modes[key]) {
    const radio = $(`input[name=pm-mode][value=${modes[key]}]`);
    radio.checked = true;
    radio.dispatchEvent(new Event('change', { bubbles: true }));
  } else if (keys[key]) keys[key]();
  else return;
  event.preventDefault();
}
document.addEventListener('keydown', onKey);
phrase.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') { unfind(); photo.focus(); }
});
// The photo's focus ring is for who uses the keyboard.
document.addEventListener('keydown', () => root.classList.add('pm-keyed'), true);
document.addEventListener('pointerdown', () => root.classList.remove('pm-keyed'), true);
