// The photo with its prompts. Positions are sent as pixels of the full-size picture; what is drawn
// here is placed in percent of it, so the size on screen does not matter.
const $ = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const root = $('.pm-stage'), photo = $('.pm-photo'), marks = $('.pm-marks');
const rubber = $('.pm-rubber'), cross = $('.pm-cross'), status = $('.pm-status');
const toast = $('.pm-toast'), busy = $('.pm-busy'), video = $('.pm-camera video');
let picture = null;      // { src, width, height, name } of the photo on the table
let edition = -1;        // the newest answer drawn; older ones that come late are left out
let last = {};           // what was drawn last; an error brings it back
let corner = null;       // first corner of a box that waits for its second
let cursor = null;       // keyboard crosshair, in full-size pixels
let pressed = null;      // where the pointer went down
let toastTimer = 0;

const mode = () => $('input[name=pm-mode]:checked').value;
const clamp = (value, top) => Math.min(top, Math.max(0, value));

function say(text) { if (status.textContent !== text) status.textContent = text; }
function hint() {
  if (!picture) return say('');
  if (corner) return say('Now the opposite corner. Esc to cancel.');
  const texts = {
    keep: last.marks && last.marks.length
      ? 'Not quite? Keep what is missing, drop what is too much.'
      : 'Click on what you want to keep.',
    drop: 'Click on what should not be there.',
    box: 'Click two opposite corners around the subject.',
  };
  say(texts[mode()]);
}
function warn(text) {
  toast.textContent = text;
  toast.hidden = !text;
  clearTimeout(toastTimer);
  if (text) toastTimer = setTimeout(() => { toast.hidden = true; }, 9000);
}
function setBusy(text) {
  busy.hidden = !text;
  busy.firstElementChild.textContent = text;
}

// From the screen to the picture and back

function locate(event) {
  const frame = photo.getBoundingClientRect();
  const x = Math.floor((event.clientX - frame.left) / frame.width * picture.width);
  const y = Math.floor((event.clientY - frame.top) / frame.height * picture.height);
  return { x: clamp(x, picture.width - 1), y: clamp(y, picture.height - 1) };
}
function put(node, x, y) {
  node.style.left = (x + 0.5) / picture.width * 100 + '%';
  node.style.top = (y + 0.5) / picture.height * 100 + '%';
}
function stretch(node, x0, y0, x1, y1) {
  node.style.left = x0 / picture.width * 100 + '%';
  node.style.top = y0 / picture.height * 100 + '%';
  node.style.width = (x1 - x0) / picture.width * 100 + '%';
  node.style.height = (y1 - y0) / picture.height * 100 + '%';
}
const span = (a, b) => [
  Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x) + 1, Math.max(a.y, b.y) + 1,
];
function drawMark(mark, waiting) {
  const node = document.createElement('div');
  if (mark.box) {
    node.className = 'pm-box';
    stretch(node, ...mark.box);
  } else {
    node.className = 'pm-mark ' + (mark.keep ? 'pm-keep' : 'pm-not');
    put(node, mark.x, mark.y);
  }
  if (waiting) node.classList.add('pm-waiting');
  marks.append(node);
}

// What the user says

function place(point, drop) {
  warn('');
  if (mode() === 'box' && !drop) {
    if (!corner) {
      corner = point;
      rubber.hidden = false;
      stretch(rubber, ...span(point, point));
    } else {
      const box = span(corner, point);
      dropCorner();
      drawMark({ box }, true);
      trigger('box', { box });
      return say('Looking…');
    }
    return hint();
  }
  const keep = mode() !== 'drop' && !drop;
  drawMark({ ...point, keep }, true);
  trigger('pick', { ...point, keep });
  say('Looking…');
}
function dropCorner() {
  corner = null;
  rubber.hidden = true;
}
photo.addEventListener('pointerdown', (event) => {
  if (!picture || event.button > 0) return;
  pressed = { point: locate(event), x: event.clientX, y: event.clientY };
});
photo.addEventListener('pointermove', (event) => {
  if (!picture) return;
  const away = pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 8;
  if (mode() === 'box' && away && !corner && event.pointerType !== 'touch') place(pressed.point);
  if (corner) stretch(rubber, ...span(corner, locate(event)));
});
photo.addEventListener('click', (event) => {
  if (!picture || event.detail === 0) return;
  cross.hidden = true;
  place(locate(event), event.altKey);
  pressed = null;
});
photo.addEventListener('contextmenu', (event) => {
  if (!picture) return;
  event.preventDefault();
  if (event.pointerType !== 'touch') place(locate(event), true);
});

// By keyboard: a crosshair on the photo, and shortcuts everywhere

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
  if (!picture || event.ctrlKey || event.metaKey) return;
  const step = event.shiftKey ? 1 : Math.max(1, Math.max(picture.width, picture.height) / 50);
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[event.key];
  if (way) moveCursor(way[0] * step, way[1] * step);
  else if (event.key === 'Enter' || event.key === ' ') {
    if (!cursor) moveCursor(0, 0);
    place(cursor, event.altKey);
  } else return;
  event.preventDefault();
});
photo.addEventListener('blur', () => { cross.hidden = true; });

function act(name) {
  if (name === 'choose' || name === 'new') {
    chooser().accept = 'image/*,.heic,.heif,.avif,.tif,.tiff';
    return chooser().click();
  }
  if (name === 'camera') return openCamera();
  if (name === 'shoot') return shoot();
  if (name === 'stop') return closeCamera();
  warn('');
  dropCorner();
  say('Working…');
  if (name === 'undo') trigger('undo');
  if (name === 'redo') trigger('redo');
  if (name === 'clear') trigger('clear_all');
}
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.act) act(button.dataset.act);
  if (button.dataset.sample) {
    setBusy('Opening…');
    trigger('sample', { name: button.dataset.sample });
  }
  if (button.dataset.candidate) {
    warn('');
    say('Working…');
    trigger('choose', { index: Number(button.dataset.candidate) });
  }
});
element.addEventListener('change', (event) => {
  if (event.target.name !== 'pm-mode') return;
  dropCorner();
  root.dataset.mode = mode();
  hint();
});
function onKey(event) {
  if (!element.isConnected) return document.removeEventListener('keydown', onKey);
  if (!picture || event.target.matches('textarea, input:not([type=radio]):not([type=range])')) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    const name = key === 'y' || (key === 'z' && event.shiftKey) ? 'redo' : key === 'z' ? 'undo' : '';
    const button = name && $(`[data-act=${name}]`);
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) act(name);
    return;
  }
  const modes = { k: 'keep', d: 'drop', b: 'box' };
  if (modes[key] && !event.altKey) {
    const radio = $(`input[value=${modes[key]}]`);
    radio.checked = true;
    radio.dispatchEvent(new Event('change', { bubbles: true }));
  } else if (key === 'escape') {
    warn('');
    if (corner) { dropCorner(); hint(); }
  }
}
document.addEventListener('keydown', onKey);
// The photo's focus ring is for who uses the keyboard.
document.addEventListener('keydown', () => root.classList.add('pm-keyed'), true);
document.addEventListener('pointerdown', () => root.classList.remove('pm-keyed'), true);
toast.addEventListener('click', () => warn(''));

// Photos come in by file, drop, paste or camera, and all leave through the same upload.

const chooser = () => document.querySelector('#pm-upload input[type=file]');
function send(file) {
  if (!file) return;
  const list = new DataTransfer();
  list.items.add(file);
  chooser().files = list.files;
  chooser().dispatchEvent(new Event('change', { bubbles: true }));
}
document.addEventListener('change', (event) => {
  if (event.target !== chooser() || !event.target.files.length) return;
  const megabytes = event.target.files[0].size / 1e6;
  if (megabytes > Number(root.dataset.limit)) {
    event.stopImmediatePropagation();
    event.target.value = '';
    return warn(`This file is ${Math.round(megabytes)} MB; ${root.dataset.limit} MB is the most.`);
  }
  warn('');
  setBusy('Opening…');
}, true);
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  root.classList.add('pm-over');
});
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) root.classList.remove('pm-over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  root.classList.remove('pm-over');
  send(event.dataTransfer.files[0]);
});
document.addEventListener('paste', (event) => send(event.clipboardData.files[0]));

async function openCamera() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 4096 } },
    });
    $('.pm-empty').hidden = true;
    $('.pm-camera').hidden = false;
    $('[data-act=shoot]').focus();
  } catch {
    warn('The camera cannot be used: there is none, or this page was not allowed to.');
  }
}
function closeCamera() {
  (video.srcObject ? video.srcObject.getTracks() : []).forEach((track) => track.stop());
  video.srcObject = null;
  $('.pm-camera').hidden = true;
  $('.pm-empty').hidden = !!picture;
}
function shoot() {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d').drawImage(video, 0, 0);
  closeCamera();
  canvas.toBlob((blob) => send(new File([blob], 'camera.png', { type: 'image/png' })), 'image/png');
}
if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
  $('[data-act=camera]').hidden = false;
}

// What the server answers

window.addEventListener('pm-photo', (event) => {
  picture = event.detail.src ? event.detail : null;
  last = {};
  edition = event.detail.edition;
  cursor = null;
  dropCorner();
  if (picture) {
    $('.pm-base').src = picture.src;
    $('.pm-base').alt = `The photo ${picture.name}`;
    photo.style.setProperty('--ratio', picture.width / picture.height);
    $('input[value=keep]').checked = true;
    root.dataset.mode = 'keep';
  }
  root.dataset.open = String(!!picture);
  photo.hidden = $('.pm-tools').hidden = !picture;
  $('.pm-empty').hidden = !!picture;
  if (picture) photo.focus({ preventScroll: true });
  draw();  // the two values of one answer come in any order
});
function draw() {
  const told = props.value || {};
  setBusy('');
  if (told.error) warn(told.error);
  const value = told.error ? last : told;
  if (!picture || !value.marks || value.edition < edition) return;
  edition = value.edition;
  last = value;
  marks.replaceChildren();
  value.marks.forEach((mark) => drawMark(mark, false));
  const overlay = $('.pm-overlay');
  overlay.hidden = !value.overlay;
  if (value.overlay) overlay.src = value.overlay;
  $('[data-act=undo]').disabled = !value.undo;
  $('[data-act=redo]').disabled = !value.redo;
  $('[data-act=clear]').disabled = !value.marks.length;
  root.dataset.marks = value.marks.length;
  root.dataset.edition = edition;
  $('.pm-choices').hidden = value.candidates.length < 2;
  $('.pm-candidates').replaceChildren(...value.candidates.map((candidate, index) => {
    const button = document.createElement('button');
    const image = document.createElement('img');
    image.src = candidate;
    image.alt = '';
    button.type = 'button';
    button.dataset.candidate = index;
    button.setAttribute('aria-pressed', String(index === value.chosen));
    button.setAttribute('aria-label', `Candidate ${index + 1} of ${value.candidates.length}`);
    button.append(image);
    return button;
  }));
  hint();
}
watch('value', draw);
