// Clicks and boxes, by mouse, finger or keyboard crosshair.
const NEAR = 12;         // pixels of the screen within which a click is again at the same spot
let corner = null;       // first corner of a box that waits for its second
let cursor = null;       // keyboard crosshair, in full-size pixels
let pressed = null;      // where the pointer went down

const span = (a, b) => [
  Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x) + 1, Math.max(a.y, b.y) + 1,
];
function place(point, { drop = false, here = false } = {}) {
  warn('');
  hidePeek();
  if (mode() === 'box' && !drop) {
    if (!corner) {
      corner = point;
      rubber.hidden = false;
      stretch(rubber, ...span(point, point));
    } else {
      const box = span(corner, point);
      dropCorner();
      drawMark({ box }, true);
      ask('box', { box });
      return say('Looking…');
    }
    return hint();
  }
  const keep = mode() !== 'drop' && !drop;
  if (!keep && !subjects().length) {
    return warn('There is nothing to drop yet: keep something first, then say what is too much.');
  }
  drawMark({ ...point, keep }, true);
  const to = here ? last.active : null;
  ask('click', { ...point, keep, to, near: NEAR * perPixel() });
  say('Looking…');
}
function dropCorner() {
  corner = null;
  rubber.hidden = true;
}
photo.addEventListener('pointerdown', (event) => {
  if (!picture || paints() || event.button > 0) return;
  pressed = { point: locate(event), x: event.clientX, y: event.clientY };
});
photo.addEventListener('pointermove', (event) => {
  if (!picture || paints()) return;
  const away = pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 8;
  if (mode() === 'box' && away && !corner && event.pointerType !== 'touch') place(pressed.point);
  if (corner) stretch(rubber, ...span(corner, locate(event)));
});
photo.addEventListener('click', (event) => {
  if (!picture || paints() || event.detail === 0 || event.target.closest('button')) return;
  cross.hidden = true;
  place(locate(event), { drop: event.altKey, here: event.shiftKey });
  pressed = null;
});
photo.addEventListener('contextmenu', (event) => {
  if (!picture) return;
  event.preventDefault();
  if (event.pointerType !== 'touch' && !paints()) place(locate(event), { drop: true });
});
function moveCursor(dx, dy) {
  cursor = cursor || { x: picture.width >> 1, y: picture.height >> 1 };
  cursor = {
    x: clamp(Math.round(cursor.x + dx), picture.width - 1),
    y: clamp(Math.round(cursor.y + dy), picture.height - 1),
  };
  cross.hidden = false;
  put(cross, cursor.x, cursor.y);
  if (corner) stretch(rubber, ...span(corner, cursor));
  say(`Crosshair at ${cursor.x}, ${cursor.y}`);
}
photo.addEventListener('keydown', (event) => {
  if (!picture || event.ctrlKey || event.metaKey || event.target !== photo) return;
  const step = event.shiftKey ? 1 : Math.max(1, Math.max(picture.width, picture.height) / 50);
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[event.key];
  if (way) moveCursor(way[0] * step, way[1] * step);
  else if ((event.key === 'Enter' || event.key === ' ') && !paints()) {
    if (!cursor) moveCursor(0, 0);
    place(cursor, { drop: event.altKey, here: event.shiftKey });
  } else return;
  event.preventDefault();
});
photo.addEventListener('blur', () => { cross.hidden = true; });
