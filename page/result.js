// The result beside the photo: its layers in tabs, the band, and the download.
const $ = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const root = $('.pm-result'), layer = $('.pm-layer'), before = $('.pm-before');
const wiper = $('.pm-wiper'), wipe = $('.pm-wipe'), band = $('#pm-band');
const glass = $('#pm-glass'), matting = $('#pm-matting');
const save = $('.pm-save'), note = $('.pm-note');
let layers = {};         // newest picture of each view
let edition = -1;        // the newest answer drawn; older ones that come late are left out
let fetched = -1;        // the last file handed to the browser

const names = { cutout: 'Cut-out', compare: 'Cut-out over the photo', mask: 'Mask', trimap: 'Trimap', alpha: 'Alpha' };
function show() {
  const view = root.dataset.view;
  const source = layers[view === 'compare' ? 'cutout' : view];
  $('.pm-sheet').hidden = !source;
  $('.pm-none').hidden = !!source;
  if (source) layer.src = source;
  layer.alt = names[view];
  const compare = view === 'compare';
  before.hidden = wiper.hidden = wipe.hidden = !compare;
  $('.pm-grounds').hidden = view !== 'cutout' && !compare;
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
});
const showBand = () => { $('output').textContent = Number(band.value).toFixed(1) + '×'; };
band.addEventListener('input', showBand);
band.addEventListener('change', () => {
  note.textContent = 'Working…';
  trigger('band', { scale: Number(band.value) });
});
const showMatting = () => { $('#pm-matting-help').textContent = matting.selectedOptions[0].dataset.line; };
glass.addEventListener('change', () => {
  note.textContent = 'Working…';
  trigger('material', { glass: glass.checked });
});
matting.addEventListener('change', () => {
  showMatting();
  note.textContent = 'Working…';
  trigger('matting', { name: matting.value });
});
showMatting();
save.addEventListener('click', () => {
  save.disabled = true;
  save.textContent = 'Writing the file…';
  trigger('save');
});
function hand(file) {
  const link = document.createElement('a');
  link.href = file.url;
  link.download = file.orig_name;
  document.body.append(link);
  link.click();
  link.remove();
}

window.addEventListener('pm-photo', (event) => {
  layers = {};
  edition = event.detail.edition;
  before.src = event.detail.src || '';
  $('.pm-sheet').style.setProperty('--ratio', event.detail.width / event.detail.height);
  root.dataset.state = 'empty';
  band.disabled = glass.disabled = matting.disabled = save.disabled = true;
  note.textContent = '';
  show();
});
watch('value', () => {
  const value = props.value || {};
  save.textContent = 'Download PNG';
  save.disabled = !layers.cutout;
  if (value.file) {
    if (fetched !== value.told) hand(value.file);
    fetched = value.told;
    return;
  }
  if (value.edition === undefined || value.edition < edition) return;
  edition = value.edition;
  layers = value.cutout ? { ...layers, ...value } : {};
  root.dataset.state = !value.cutout ? 'empty' : value.final ? 'final' : 'preview';
  root.dataset.edition = edition;
  save.disabled = band.disabled = glass.disabled = matting.disabled = !value.cutout;
  if (value.band !== undefined) { band.value = value.band; showBand(); }
  if (value.material !== undefined) glass.checked = value.material === 'glass';
  if (value.matting !== undefined) { matting.value = value.matting; showMatting(); }
  note.textContent = !value.cutout ? '' : value.final ? value.note : 'Preview. Refining at full size…';
  show();
});
