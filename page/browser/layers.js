// The list of subjects, front to back: pick, name, order, keep, lock, merge, delete. What is asked
// for goes to the photo's script, which is told what the server answers and tells it here.
const $ = (selector) => element.querySelector(selector);
const root = $('.pm-layers'), rows = $('.pm-rows'), tools = $('.pm-row-tools');
let subjects = [];       // front to back
let active = null;       // key of the subject that clicks go to
let also = new Set();    // keys of others that are picked with it, to be merged
let dragged = null;      // { row, y, moved } while a row is dragged

const ICONS = {
  eye: 'M1.5 10S4.5 4.5 10 4.5 18.5 10 18.5 10 15.5 15.5 10 15.5 1.5 10 1.5 10zM10 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  shut: 'M2 8c2 3 5 4.5 8 4.5S16 11 18 8M5 11l-1.5 2.5M10 12.5v3M15 11l1.5 2.5',
  lock: 'M5.5 9h9v7h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9',
  open: 'M5.5 9h9v7h-9zM7.5 9V5.5a2.5 2.5 0 0 1 4.8-1',
};
function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
const ask = (name, more) => {
  window.dispatchEvent(new CustomEvent('pm-ask', { detail: { ...more, do: name } }));
};
const keys = () => subjects.map((subject) => subject.key);
const chosen = () => keys().filter((key) => key === active || also.has(key));

function draw() {
  const focused = rows.contains(document.activeElement) ? document.activeElement.closest('.pm-row') : null;
  root.dataset.count = subjects.length;
  $('.pm-layers-none').hidden = subjects.length > 0;
  $('.pm-layers-note').hidden = subjects.length < 2;
  $('[data-do=fresh]').disabled = active === null;
  rows.replaceChildren(...subjects.map(row));
  if (focused) {
    const same = [...rows.children].find((node) => node.dataset.key === focused.dataset.key);
    (same || rows.firstElementChild || $('[data-do=fresh]')).focus();
  }
  drawTools();
}
function drawTools() {
  const place = keys().indexOf(active), many = chosen().length, below = subjects[place + 1];
  tools.hidden = active === null;
  $('[data-do=forward]').disabled = place <= 0;
  $('[data-do=back]').disabled = !below;
  const merge = $('[data-do=merge]');
  merge.textContent = many > 1 ? `Merge ${many}` : 'Merge down';
  merge.title = many > 1 ? 'Make one subject of those that are picked'
    : below ? `Make one subject of this and ${below.name}. Ctrl+click on rows picks others` : '';
  merge.disabled = many < 2 && !below;
}
function row(subject) {
  const item = document.createElement('li');
  const on = subject.key === active;
  item.className = 'pm-row';
  item.dataset.key = subject.key;
  item.dataset.kept = String(subject.kept);
  item.tabIndex = on || (active === null && subject === subjects[0]) ? 0 : -1;
  item.style.setProperty('--colour', subject.colour);
  item.dataset.picked = String(on || also.has(subject.key));
  if (on) item.setAttribute('aria-current', 'true');
  const grip = document.createElement('span'), image = document.createElement('img');
  grip.className = 'pm-grip';
  grip.textContent = '⠿';
  grip.setAttribute('aria-hidden', 'true');
  grip.title = 'Drag to the front or back';
  image.alt = '';
  image.draggable = false;
  image.src = subject.icon || '';
  const name = document.createElement('span');
  name.className = 'pm-name';
  name.textContent = subject.name;
  item.append(grip, image, name, toggle(subject, 'keep'), toggle(subject, 'lock'));
  item.setAttribute('aria-label', [
    subject.name, on ? 'clicks go here' : '', subject.kept ? '' : 'not in the cut-out',
    subject.locked ? 'locked' : '',
  ].filter(Boolean).join(', '));
  return item;
}
function toggle(subject, what) {
  const button = document.createElement('button'), keeps = what === 'keep';
  const pressed = keeps ? subject.kept : subject.locked;
  button.type = 'button';
  button.dataset.toggle = what;
  button.setAttribute('aria-pressed', String(pressed));
  button.setAttribute('aria-label', `${keeps ? 'Keep' : 'Lock'} ${subject.name}`);
  button.title = keeps ? (pressed ? 'In the cut-out; leave it out' : 'Left out; put it into the cut-out')
    : (pressed ? 'Locked; unlock' : 'Lock against edits');
  button.append(icon(keeps ? (pressed ? 'eye' : 'shut') : (pressed ? 'lock' : 'open')));
  return button;
}
const at = (node) => subjects.find((subject) => subject.key === Number(node.dataset.key));

function pick(key, more) {
  if (more && active !== null && key !== active) {
    if (also.has(key)) also.delete(key);
    else also.add(key);
    return draw();
  }
  also = new Set();
  if (key !== active) ask('pick', { key });
  else draw();
}
function rename(key) {
  const item = [...rows.children].find((node) => Number(node.dataset.key) === key);
  if (!item || item.querySelector('input')) return;
  const name = item.querySelector('.pm-name'), input = document.createElement('input');
  const before = name.textContent;
  input.type = 'text';
  input.value = before;
  input.maxLength = 80;
  input.setAttribute('aria-label', `Name of ${before}`);
  name.replaceChildren(input);
  input.focus();
  input.select();
  let over = false;
  const end = (take) => {
    if (over) return;
    over = true;
    const wanted = input.value.trim();
    name.textContent = take && wanted ? wanted : before;
    if (take && wanted && wanted !== before) ask('rename', { key, name: wanted });
  };
  input.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' || event.key === 'Escape') {
      end(event.key === 'Enter');
      item.focus();
      event.preventDefault();
    }
  });
  input.addEventListener('blur', () => end(true));
}
function move(key, step) {
  const order = keys(), place = order.indexOf(key), to = place + step;
  if (place < 0 || to < 0 || to >= order.length) return;
  order.splice(to, 0, ...order.splice(place, 1));
  ask('order', { keys: order });
}
function merge() {
  const picked = chosen();
  if (picked.length > 1) ask('merge', { keys: picked });
  else ask('merge', { keys: keys().slice(keys().indexOf(active)).slice(0, 2) });
  also = new Set();
}
const acts = {
  auto: () => ask('auto'),
  fresh: () => { also = new Set(); ask('pick', { key: null }); },
  forward: () => move(active, -1),
  back: () => move(active, 1),
  merge,
  rename: () => rename(active),
  save: () => window.dispatchEvent(new CustomEvent('pm-save', { detail: { kind: 'png', key: active } })),
  remove: () => { ask('remove', { keys: chosen() }); also = new Set(); },
};

element.addEventListener('click', (event) => {
  const button = event.target.closest('button'), item = event.target.closest('.pm-row');
  if (button && button.dataset.do) return acts[button.dataset.do]();
  if (!item) return;
  const subject = at(item);
  if (!button) {
    if (event.target.closest('.pm-grip, input') || event.detail > 1) return;
    return pick(subject.key, event.ctrlKey || event.metaKey || event.shiftKey);
  }
  if (button.dataset.toggle === 'keep') ask('keep', { key: subject.key, kept: !subject.kept });
  else ask('lock', { key: subject.key, locked: !subject.locked });
});
rows.addEventListener('dblclick', (event) => {
  const item = event.target.closest('.pm-row');
  if (item && event.target.closest('.pm-name')) rename(Number(item.dataset.key));
});
rows.addEventListener('keydown', (event) => {
  const item = event.target.closest('.pm-row');
  if (!item || event.target !== item) return;
  const subject = at(item), step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step && event.altKey) move(subject.key, step);
  else if (step) {
    const next = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (next) next.focus();
  } else if (event.key === 'Enter' || event.key === ' ') pick(subject.key, event.ctrlKey || event.metaKey);
  else if (event.key === 'F2') rename(subject.key);
  else if (event.key === 'Delete') ask('remove', { keys: also.has(subject.key) ? chosen() : [subject.key] });
  else return;
  event.preventDefault();
});

// Dragging by the grip, with a mouse or a finger: the row goes where it is let go.

rows.addEventListener('pointerdown', (event) => {
  const grip = event.target.closest('.pm-grip');
  if (!grip || event.button > 0) return;
  dragged = { row: grip.closest('.pm-row'), y: event.clientY };
  rows.setPointerCapture(event.pointerId);
  dragged.row.classList.add('pm-dragged');
  event.preventDefault();
});
rows.addEventListener('pointermove', (event) => {
  if (!dragged) return;
  const others = [...rows.children].filter((node) => node !== dragged.row);
  const next = others.find((node) => {
    const frame = node.getBoundingClientRect();
    return event.clientY < frame.top + frame.height / 2;
  });
  if (next !== dragged.row.nextElementSibling) rows.insertBefore(dragged.row, next || null);
});
function drop(event) {
  if (!dragged) return;
  dragged.row.classList.remove('pm-dragged');
  dragged = null;
  const order = [...rows.children].map((node) => Number(node.dataset.key));
  if (event.type === 'pointercancel') draw();
  else if (order.join() !== keys().join()) ask('order', { keys: order });
}
rows.addEventListener('pointerup', drop);
rows.addEventListener('pointercancel', drop);

window.addEventListener('pm-subjects', ({ detail }) => {
  if (dragged || rows.querySelector('input')) return hold(detail);
  hold(detail);
  draw();
});
function hold(detail) {
  subjects = detail.subjects;
  active = detail.active;
  also = new Set([...also].filter((key) => key !== active && keys().includes(key)));
}
window.addEventListener('pm-photo', ({ detail }) => {
  subjects = [];
  active = null;
  also = new Set();
  $('[data-do=auto]').disabled = !detail.src;
  draw();
});
window.addEventListener('pm-rename', ({ detail }) => rename(detail.key));
