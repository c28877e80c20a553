// The result beside the photo: its layers in tabs, the band, and the download.
const $ = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const root = $('.pm-result'), layer = $('.pm-layer'), before = $('.pm-before');
const wiper = $('.pm-wiper'), wipe = $('.pm-wipe'), band = $('#pm-band');
const glass = $('#pm-glass'), matting = $('#pm-matting');
const save = $('.pm-save'), note = $('.pm-note'), more = $('.pm-more'), menu = $('.pm-menu');
let layers = {};         // newest picture of each view
let active = null;       // key of the subject that clicks go to
let saving = false;      // a file is being written
let revision = -1;        // the newest answer drawn; older ones that come late are left out
let fetched = -1;        // the last file handed to the browser

const names = { cutout: 'Cut-out', compare: 'Cut-out over the photo', mask: 'Mask', trimap: 'Trimap', alpha: 'Alpha' };
function source(view) {
  if (view !== 'cutout' && view !== 'compare') return layers[view];
  const alone = $('[name=pm-scope]:checked').value === 'alone';
  return (alone && layers.alone) || layers.cutout;
}
function show() {
  const view = root.dataset.view, shown = source(view), compare = view === 'compare';
  const whole = view === 'cutout' || compare;
  $('.pm-sheet').hidden = !shown;
  $('.pm-none').hidden = !!shown;
  $('.pm-none').textContent = layers.cutout && active === null
    ? 'Pick a subject to see this of it.' : layers.cutout ? 'Coming…' : 'The cut-out appears here.';
  if (shown) layer.src = shown;
  layer.alt = names[view];
  before.hidden = wiper.hidden = wipe.hidden = !compare;
  $('.pm-grounds').hidden = !whole;
  $('.pm-scope').hidden = !whole || !layers.alone;
  layer.style.clipPath = compare ? `inset(0 0 0 ${wiper.value}%)` : '';
  $('.pm-sheet').style.setProperty('--wipe', wiper.value + '%');
}
function select(tab) {
  all('[role=tab]').forEach((other) => {
    other.setAttribute('aria-selected', String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  });
  root.dataset.view = tab.dataset.view;
  $('.pm-panel').setAttribute('aria-labelledby', tab.id);
  show();
}
$('.pm-tabs').addEventListener('click', (event) => {
  const tab = event.target.closest('[role=tab]');
  if (tab) select(tab);
});
$('.pm-tabs').addEventListener('keydown', (event) => {
  const tabs = all('[role=tab]'), step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  next.focus();
  select(next);
});
wiper.addEventListener('input', show);
element.addEventListener('change', (event) => {
  if (event.target.name === 'pm-ground') root.dataset.ground = event.target.value;
  if (event.target.name === 'pm-scope') show();
});
const showBand = () => { $('output').textContent = Number(band.value).toFixed(1) + '×'; };
band.addEventListener('input', showBand);
const ask = (name, more) => {
  note.textContent = 'Working…';
  window.dispatchEvent(new CustomEvent('pm-ask', { detail: { ...more, do: name } }));
};
band.addEventListener('change', () => ask('band', { scale: Number(band.value) }));
const showMatting = () => { $('#pm-matting-help').textContent = matting.selectedOptions[0].dataset.line; };
glass.addEventListener('change', () => ask('material', { glass: glass.checked }));
matting.addEventListener('change', () => {
  showMatting();
  ask('matting', { name: matting.value });
});
showMatting();

// Files

function openMenu(open) {
  menu.hidden = !open;
  more.setAttribute('aria-expanded', String(open));
  const first = menu.querySelector('button:not(:disabled)');
  if (open && first) first.focus();
}
function write(kind, key) {
  saving = true;
  save.disabled = more.disabled = true;
  save.textContent = 'Writing the file…';
  window.dispatchEvent(new CustomEvent('pm-save', { detail: { kind, key } }));
}
$('.pm-out').addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button === more) return openMenu(menu.hidden);
  if (!button) return;
  openMenu(false);
  if (button.dataset.kind === 'subject') write('png', active);
  else write(button.dataset.kind, null);
});
$('.pm-out').addEventListener('keydown', (event) => {
  const items = [...menu.querySelectorAll('button:not(:disabled)')];
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (event.key === 'Escape' && !menu.hidden) {
    openMenu(false);
    more.focus();
  } else if (step && !menu.hidden) {
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
document.addEventListener('pointerdown', (event) => {
  if (!event.target.closest('.pm-out')) openMenu(false);
});
function hand(file) {
  const link = document.createElement('a');
  link.href = file.url;
  link.download = file.orig_name;
  document.body.append(link);
  link.click();
  link.remove();
}

window.addEventListener('pm-file', ({ detail }) => {
  saving = false;
  enable();
  if (detail.file && fetched !== detail.told) hand(detail.file);
  fetched = detail.told;
});
window.addEventListener('pm-subjects', ({ detail }) => {
  const subject = detail.subjects.find(({ key }) => key === detail.active);
  active = detail.active;
  $('.pm-settings-of').textContent = subject ? ` of ${subject.name}` : '';
  all('.pm-active-name').forEach((node) => { node.textContent = subject ? subject.name : ''; });
  $('[name=pm-scope][value=alone] + span').textContent = subject ? `Only ${subject.name}` : '';
  $('[data-kind=subject]').hidden = !subject;
  band.disabled = glass.disabled = !subject || subject.locked;
});
window.addEventListener('pm-photo', (event) => {
  layers = {};
  revision = event.detail.revision;
  before.src = event.detail.src || '';
  $('.pm-sheet').style.setProperty('--ratio', event.detail.width / event.detail.height);
  root.dataset.state = 'empty';
  band.disabled = glass.disabled = true;
  note.textContent = '';
  enable();
  show();
});
function enable() {
  const can = !!layers.cutout && layers.kept.length > 0;
  save.textContent = saving ? 'Writing the file…' : 'Download PNG';
  save.disabled = more.disabled = saving || !can;
  matting.disabled = !layers.cutout;
}
watch('value', () => {
  const value = props.value || {};
  if (value.revision === undefined || value.revision < revision) return;
  const same = layers.of === value.of;
  revision = value.revision;
  layers = !value.cutout ? {} : same ? { ...layers, ...value } : value;
  root.dataset.state = !value.cutout ? 'empty' : value.final ? 'final' : 'preview';
  root.dataset.revision = revision;
  if (value.band !== undefined) { band.value = value.band; showBand(); }
  if (value.material !== undefined) glass.checked = value.material === 'glass';
  $('.pm-opaque').textContent = value.opaque || '';
  if (value.matting !== undefined) { matting.value = value.matting; showMatting(); }
  note.textContent = !value.cutout ? '' : value.kept.length ? value.note : 'No subject is kept: open an eye in the list.';
  enable();
  show();
});
