// Brush and lasso: drawn here while the pointer is down, then sent as points and painted into the
// active subject's trimap.
const canvas = $('.pm-canvas'), tip = $('.pm-tip'), size = $('#pm-size');
const STEP = 2;          // pixels of the screen between two points of a line
let painting = null;     // { points, radius, makes, lasso } in full-size pixels

const makes = () => $('input[name=pm-makes]:checked').value;
const wantsTrimap = () => paints() && $('#pm-see-trimap').checked && last.active != null;

function clearCanvas() {
  canvas.width = canvas.height = 0;
}
function sketchLine() {
  const frame = photo.getBoundingClientRect(), dense = window.devicePixelRatio || 1;
  canvas.width = Math.round(frame.width * dense);
  canvas.height = Math.round(frame.height * dense);
  const pen = canvas.getContext('2d'), scale = canvas.width / picture.width;
  const colours = {
    keep: getComputedStyle(root).getPropertyValue('--subject'),
    drop: '#1d1b19', unknown: '#8a8a8a', erase: '#ffffff',
  };
  pen.strokeStyle = pen.fillStyle = colours[painting.makes];
  pen.globalAlpha = 0.62;
  pen.lineJoin = pen.lineCap = 'round';
  pen.beginPath();
  painting.points.forEach(([x, y]) => pen.lineTo(x * scale, y * scale));
  if (!painting.lasso) {
    const [x, y] = painting.points[0];
    pen.lineTo(x * scale + 0.01, y * scale);  // so that a dot is drawn, too
    if (painting.points.length > 1) {
      pen.beginPath();
      painting.points.forEach(([u, v]) => pen.lineTo(u * scale, v * scale));
    }
    pen.lineWidth = 2 * painting.radius * scale;
    return pen.stroke();
  }
  pen.closePath();
  pen.globalAlpha = 0.35;
  pen.fill();
  pen.globalAlpha = 1;
  pen.setLineDash([6 * dense, 4 * dense]);
  pen.lineWidth = 2 * dense;
  pen.strokeStyle = '#ffffff';
  pen.stroke();
}
function showTip(event) {
  tip.hidden = mode() !== 'brush' || event.pointerType === 'touch';
  const frame = photo.getBoundingClientRect();
  tip.style.left = event.clientX - frame.left + 'px';
  tip.style.top = event.clientY - frame.top + 'px';
  tip.style.width = tip.style.height = size.value + 'px';
}
photo.addEventListener('pointerdown', (event) => {
  if (!picture || !paints() || event.button > 0 || event.target.closest('button')) return;
  const active = activeSubject();
  if (!active) return warn('Pick a subject first: click on one with Keep, then paint.');
  if (active.locked) return warn(`${active.name} is locked; unlock it to paint on it.`);
  warn('');
  photo.setPointerCapture(event.pointerId);
  const { x, y } = spot(event);
  painting = {
    points: [[x, y]], radius: size.value / 2 * perPixel(), makes: makes(), lasso: mode() === 'lasso',
  };
  sketchLine();
});
photo.addEventListener('pointermove', (event) => {
  if (!picture || !paints()) return;
  showTip(event);
  if (!painting) return;
  const passed = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  (passed.length ? passed : [event]).forEach((one) => {
    const { x, y } = spot(one), [u, v] = painting.points[painting.points.length - 1];
    if (Math.hypot(x - u, y - v) >= STEP * perPixel()) painting.points.push([x, y]);
  });
  sketchLine();
});
function endPaint(event) {
  if (!painting) return;
  const { points, radius, lasso } = painting, made = painting.makes;
  painting = null;
  if (event.type === 'pointercancel' || (lasso && points.length < 3)) return clearCanvas();
  const rounded = points.map(([x, y]) => [Math.round(x * 10) / 10, Math.round(y * 10) / 10]);
  ask(lasso ? 'lasso' : 'brush', { points: rounded, radius, makes: made });
  say('Painting…');
}
photo.addEventListener('pointerup', endPaint);
photo.addEventListener('pointercancel', endPaint);
photo.addEventListener('pointerleave', () => { tip.hidden = true; });
function dropPaint() {
  painting = null;
  clearCanvas();
}
function resize(step) {
  size.value = Number(size.value) + step;
  tip.style.width = tip.style.height = size.value + 'px';
}

// The trimap over the photo, while painting

function drawTrimap(value) {
  const image = $('.pm-trimap');
  if (value.trimap) {
    image.src = value.trimap;
    image.dataset.key = value.active;
  }
  const own = image.dataset.key === String(last.active);
  image.hidden = !(wantsTrimap() && own && image.getAttribute('src'));
  root.dataset.trimap = String(!image.hidden);
}
function seeTrimap() {
  if (wantsTrimap()) ask('pick', { key: last.active });
  else drawTrimap({});
}
$('#pm-see-trimap').addEventListener('change', seeTrimap);
