// What one more click would take, shown where the mouse rests. One question at a time: while one
// is being answered the mouse may move on, and only its last place is asked for next.
const peek = $('.pm-peek');
const REST = 160;        // milliseconds the mouse must rest
let peeks = true;        // H turns it off
let restTimer = 0, ticket = 0, waiting = false, wanted = null, peekedAt = null;

function hidePeek() {
  clearTimeout(restTimer);
  ticket += 1;  // an answer on its way is of no use any more
  wanted = peekedAt = null;
  peek.hidden = true;
  photo.removeAttribute('title');
}
function lookAhead(point) {
  if (waiting) {
    wanted = point;
    return;
  }
  waiting = true;
  wanted = null;
  peekedAt = point;
  trigger('peek', { said: {
    x: point.x, y: point.y, keep: point.keep, to: point.to, near: NEAR * perPixel(),
    ticket: ++ticket,
  } });
  setTimeout(() => { waiting = false; }, 8000);  // an answer that never comes stops nothing
}
photo.addEventListener('pointermove', (event) => {
  if (!picture || !peeks || event.pointerType !== 'mouse' || event.buttons) return;
  clearTimeout(restTimer);
  const point = { ...locate(event), keep: mode() === 'keep', to: event.shiftKey ? last.active : null };
  const left = !peekedAt || Math.hypot(point.x - peekedAt.x, point.y - peekedAt.y) > NEAR * perPixel();
  if (left && !peek.hidden) peek.hidden = true;
  const clicks = mode() === 'keep' || (mode() === 'drop' && subjects().length);
  if (!clicks || !left || event.target.closest('button')) return;
  restTimer = setTimeout(() => lookAhead(point), REST);
});
photo.addEventListener('pointerleave', hidePeek);
window.addEventListener('pm-peeked', ({ detail }) => {
  waiting = false;
  if (wanted) return lookAhead(wanted);
  if (detail.ticket !== ticket || detail.revision < revision || !detail.src) return;
  peek.src = detail.src;
  lay(peek, detail.place);
  peek.hidden = false;
  if (detail.picks) photo.title = `A click picks ${detail.picks}`;
  else photo.removeAttribute('title');
});
