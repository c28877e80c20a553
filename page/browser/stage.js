// The photo with its subjects and prompts. Positions are sent as pixels of the full-size picture;
// what is drawn here is placed in percent of it, so the size on screen does not matter.
// The files pointer, paint, peek, find, keys, files and leave follow this one, in the same scope.
const $ = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const root = $('.pm-stage'), photo = $('.pm-photo'), marks = $('.pm-marks');
const rubber = $('.pm-rubber'), cross = $('.pm-cross'), status = $('.pm-status span');
const toast = $('.pm-toast'), busy = $('.pm-busy'), video = $('.pm-camera video');
const pictures = new Map();  // by subject: the newest overlay and icon, and their version
let picture = null;      // { src, width, height, name } of the photo on the table
let revision = -1;        // the newest answer drawn; older ones that come late are left out
let last = {};           // what was drawn last; an error brings it back
let asked = {};          // the last thing the server was asked to do
let toastTimer = 0;

const mode = () => $('input[name=pm-mode]:checked').value;
const paints = () => mode() === 'brush' || mode() === 'lasso';
const clamp = (value, top) => Math.min(top, Math.max(0, value));
const subjects = () => last.subjects || [];
const activeSubject = () => subjects().find((subject) => subject.key === last.active);

function make(tag, className, text = '') {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
function pictureOf(source) {
  const image = document.createElement('img');
  image.src = source;
  image.alt = '';
  image.draggable = false;
  return image;
}
function say(text) {
  if (status.textContent !== text) status.textContent = text;
  $('[data-act=here]').hidden = true;
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
function hint() {
  if (!picture) return say('');
  if (corner) return say('Now the opposite corner. Esc to cancel.');
  const active = activeSubject(), count = (last.candidates || []).length;
  const texts = {
    keep: !active
      ? subjects().length ? 'Click on the next thing you want apart.' : 'Click on what you want to keep.'
      : count > 1 ? 'Not quite? Click there again for the next possibility, or say what is missing or too much.'
        : 'Not quite? Keep what is missing, drop what is too much.',
    drop: active ? 'Click on what should not be there.'
      : subjects().length ? 'Click on what is too much in a subject.' : 'Keep something first.',
    box: active ? 'A new box around this subject: click two opposite corners.' : 'Click two opposite corners around the subject.',
    brush: active ? 'Paint over it: the paint stays, whatever you click later.' : 'Pick a subject first.',
    lasso: active ? 'Draw around what the paint is for.' : 'Pick a subject first.',
  };
  say(texts[mode()]);
}

// Everything the page asks for goes through here, with what the browser has already.

function ask(name, more = {}) {
  asked = { do: name, from: last.active ?? null, ...more };
  changed = changed || name !== 'pick';
  const have = Object.fromEntries([...pictures].map(([key, held]) => [key, held.version]));
  trigger('do', { said: { ...more, do: name, photo: picture.number, have, trimap: wantsTrimap() } });
}
function request(name, more) {
  warn('');
  dropCorner();
  hidePeek();
  ask(name, more);
  say('Working…');
}
window.addEventListener('pm-ask', ({ detail }) => request(detail.do, detail));
window.addEventListener('pm-save', ({ detail }) => trigger('save', detail));

// From the screen to the picture and back

function spot(event) {
  const frame = photo.getBoundingClientRect();
  return {
    x: (event.clientX - frame.left) / frame.width * picture.width,
    y: (event.clientY - frame.top) / frame.height * picture.height,
  };
}
function locate(event) {
  const { x, y } = spot(event);
  return { x: clamp(Math.floor(x), picture.width - 1), y: clamp(Math.floor(y), picture.height - 1) };
}
const perPixel = () => picture.width / photo.getBoundingClientRect().width;
function put(node, x, y) {
  node.style.left = (x + 0.5) / picture.width * 100 + '%';
  node.style.top = (y + 0.5) / picture.height * 100 + '%';
}
function stretch(node, x0, y0, x1, y1) {
  lay(node, [
    x0 / picture.width * 100, y0 / picture.height * 100,
    (x1 - x0) / picture.width * 100, (y1 - y0) / picture.height * 100,
  ]);
}
function lay(node, [left, top, width, height]) {
  Object.assign(node.style, {
    left: left + '%', top: top + '%', width: width + '%', height: height + '%',
  });
}
function drawMark(mark, waiting) {
  if (mark.text || mark.points) return;
  const node = make('div', mark.box ? 'pm-box' : 'pm-mark ' + (mark.keep ? 'pm-keep' : 'pm-not'));
  if (mark.box) stretch(node, ...mark.box);
  else put(node, mark.x, mark.y);
  if (waiting) node.classList.add('pm-waiting');
  marks.append(node);
}

// What the server answers

window.addEventListener('pm-photo', (event) => {
  picture = event.detail.src ? event.detail : null;
  last = {};
  pictures.clear();
  revision = event.detail.revision;
  cursor = null;
  dropCorner();
  hidePeek();
  unfind();
  clearCanvas();
  $('.pm-overlays').replaceChildren();
  $('.pm-trimap').hidden = true;
  if (picture) {
    $('.pm-base').src = picture.src;
    $('.pm-base').alt = `The photo ${picture.name}`;
    photo.style.setProperty('--ratio', picture.width / picture.height);
    $('input[value=keep][name=pm-mode]').checked = true;
    changeMode();
  }
  root.dataset.open = String(!!picture);
  photo.hidden = $('.pm-tools').hidden = $('.pm-aim').hidden = !picture;
  $('.pm-empty').hidden = !!picture;
  if (picture) photo.focus({ preventScroll: true });
  // The two values of one answer come in any order. Not before the others have put away what
  // they show of another photo.
  queueMicrotask(draw);
});
function draw() {
  const told = props.value || {};
  if (told.turn >= turn) setBusy('');
  if (told.error || told.notice) warn(told.error || told.notice);
  if (picture && told.revision >= picture.revision) hold(told.subjects || []);
  const value = told.error ? last : told;
  if (!picture || !value.marks || value.revision < revision) return;
  const news = value.revision > revision || !last.subjects;
  revision = value.revision;
  last = value;
  if (!painting) clearCanvas();
  marks.replaceChildren();
  value.marks.forEach((mark) => drawMark(mark, false));
  drawOverlays();
  drawTrimap(told.error ? {} : value);
  $('[data-act=undo]').disabled = !value.undo;
  $('[data-act=redo]').disabled = !value.redo;
  $('[data-act=clear]').disabled = !value.subjects.length;
  root.dataset.marks = value.marks.length;
  root.dataset.subjects = value.subjects.length;
  root.dataset.revision = revision;
  drawTarget();
  drawChoices();
  window.dispatchEvent(new CustomEvent('pm-subjects', {
    detail: {
      active: value.active,
      subjects: value.subjects.map((subject) => ({ ...subject, ...pictures.get(subject.key) })),
    },
  }));
  if (news || told.error || status.textContent === 'Working…') remark();
}
function hold(listed) {
  listed.forEach(({ key, version, overlay, icon }) => {
    if (overlay !== undefined) pictures.set(key, { version, overlay, icon });
  });
}
function remark() {
  hint();
  const active = activeSubject(), before = subjects().find(({ key }) => key === asked.from);
  const count = last.candidates.length;
  if (asked.do === 'click' && before && active && active.key !== before.key) {
    say(`${active.name} is picked; nothing was changed.`);
    const here = $('[data-act=here]');
    here.textContent = `Add this spot to ${before.name} instead`;
    here.hidden = before.locked;
  } else if (asked.do === 'choose' || (asked.do === 'click' && last.chosen > 0)) {
    say(`Possibility ${last.chosen + 1} of ${count}. Click there again, or press C, for the next.`);
  }
}
function drawOverlays() {
  const layer = $('.pm-overlays');
  const have = new Map([...layer.children].map((node) => [Number(node.dataset.key), node]));
  layer.replaceChildren(...subjects().slice().reverse().map((subject) => {
    const node = have.get(subject.key) || pictureOf('');
    const held = pictures.get(subject.key);
    if (held && node.dataset.version !== String(held.version)) {
      node.src = held.overlay;
      node.dataset.key = subject.key;
      node.dataset.version = held.version;
    }
    node.className = 'pm-overlay';
    node.dataset.active = String(subject.key === last.active);
    node.dataset.kept = String(subject.kept);
    lay(node, subject.place);
    return node;
  }));
}
function drawTarget() {
  const active = activeSubject();
  const says = { keep: 'Clicks go to', drop: 'Drops from', box: 'Box for', brush: 'Paints', lasso: 'Paints' };
  const [what, name] = {
    drop: ['Drops from', subjects().length ? 'the subject under it' : 'nothing yet'],
    box: ['Box makes', 'a new subject'], brush: ['Paints', 'nothing yet'], lasso: ['Paints', 'nothing yet'],
  }[mode()] || ['Next click makes', 'a new subject'];
  $('.pm-target-says').textContent = active ? says[mode()] : what;
  $('.pm-target-name span').textContent = active ? active.name : name;
  root.dataset.idle = String(!active && (paints() || (mode() === 'drop' && !subjects().length)));
  $('.pm-target').dataset.fresh = String(!active);
  $('.pm-target').dataset.locked = String(!!active && active.locked);
  root.style.setProperty('--subject', active ? active.colour : 'var(--accent)');
  $('[data-act=fresh]').disabled = !active;
}
function drawChoices() {
  const count = last.candidates.length, hits = last.detections;
  offer('.pm-possible', 'candidate', last.candidates.map((source, index) => (
    { source, on: index === last.chosen, what: `Candidate ${index + 1} of ${count}` })));
  offer('.pm-switches', 'detection', hits.map((hit, index) => (
    { source: hit.icon, on: hit.taken, what: `${index + 1}: ${hit.label}. ${hit.why}`, title: hit.why })));
}
function offer(place, name, choices) {
  $(place).hidden = choices.length < 2;
  $(place + ' .pm-candidates').replaceChildren(...choices.map(({ source, on, what, title }, index) => {
    const button = make('button', '');
    button.type = 'button';
    button.dataset[name] = index;
    button.setAttribute('aria-pressed', String(on));
    button.setAttribute('aria-label', what);
    if (title) button.title = title;
    button.append(pictureOf(source));
    return button;
  }));
}

// Buttons

const acts = {
  choose: () => chooser.click(),
  new: () => acts.choose(),
  camera: () => openCamera(),
  shoot: () => shoot(),
  stop: () => closeCamera(),
  undo: () => request('undo'),
  redo: () => request('redo'),
  clear: () => request('clear'),
  fresh: () => request('pick', { key: null }),
  veil: () => {
    const bare = root.dataset.bare !== 'true';
    root.dataset.bare = String(bare);
    $('[data-act=veil]').setAttribute('aria-pressed', String(bare));
  },
  help: () => $('.pm-help').showModal(),
  here: () => {
    const { x, y, from } = asked;
    request('click', { x, y, keep: true, to: from });
  },
  take: () => takeFound(false),
  all: () => takeFound(true),
  unfind: () => unfind(),
};
function act(name) { acts[name](); }
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.act) act(button.dataset.act);
  if (button.dataset.sample) {
    trigger('sample', { name: button.dataset.sample, turn: wish() });
  }
  if (button.dataset.candidate) request('choose', { index: Number(button.dataset.candidate) });
  if (button.dataset.detection) request('switch', { index: Number(button.dataset.detection) });
});
function changeMode() {
  dropCorner();
  hidePeek();
  root.dataset.mode = mode();
  $('.pm-paint').hidden = !paints();
  $('.pm-phrase').hidden = $('[data-act=fresh]').hidden = paints();
  if (last.subjects) drawTarget();
  seeTrimap();
  hint();
}
element.addEventListener('change', (event) => {
  if (event.target.name === 'pm-mode') changeMode();
});
toast.addEventListener('click', () => warn(''));
watch('value', draw);
