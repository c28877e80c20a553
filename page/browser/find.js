// A phrase, what it found as numbered boxes and a list, and what is taken of that.
const phrase = $('.pm-phrase input'), findings = $('.pm-findings'), boxes = $('.pm-found');
let searched = null;     // { text, hits, note } that is shown
let taken = new Set();   // which of the hits are ticked

$('.pm-phrase').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = phrase.value.trim();
  if (!text) return phrase.focus();
  if (searched && searched.text === text && taken.size) return takeFound(false);
  unfind();
  warn('');
  say(`Looking for “${text}”…`);
  root.dataset.searching = 'true';
  trigger('find', { text });
});
function unfind() {
  searched = null;
  taken = new Set();
  findings.hidden = true;
  boxes.replaceChildren();
  root.dataset.searching = 'false';
  root.dataset.found = '';
}
// What was found, by its places in the list, without other readings of the same thing.
function things() {
  return searched.hits.flatMap((hit, index) => hit.reading ? [] : [index]);
}
function takeFound(every) {
  const hits = every ? things() : [...taken].sort((a, b) => a - b);
  const { text } = searched;
  unfind();
  phrase.value = '';
  request('take', { text, hits });
}
function tick(index) {
  if (taken.has(index)) taken.delete(index);
  else taken.add(index);
  drawTicks();
}
function drawTicks() {
  const many = (count) => count === 1 ? '1 subject' : `${count} subjects`;
  [boxes, $('.pm-findings ol')].forEach((list) => {
    list.querySelectorAll('[data-hit]').forEach((node) => {
      node.setAttribute('aria-pressed', String(taken.has(Number(node.dataset.hit))));
    });
  });
  const take = $('[data-act=take]'), every = $('[data-act=all]'), count = things().length;
  take.disabled = !taken.size;
  take.textContent = taken.size ? `Make ${many(taken.size)}` : 'Pick what you mean';
  take.hidden = !count;
  every.hidden = count < 2 || things().every((index) => taken.has(index));
  every.textContent = `All ${count}`;
}
function hitButton(hit, index, className) {
  const button = make('button', className);
  button.type = 'button';
  button.dataset.hit = index;
  button.setAttribute('aria-label', `${index + 1}: ${hit.label}. ${hit.why}`);
  button.addEventListener('click', (event) => { event.stopPropagation(); tick(index); });
  return button;
}
window.addEventListener('pm-found', ({ detail }) => {
  root.dataset.searching = 'false';
  if (!picture || !detail.hits || detail.revision < picture.revision) return;
  searched = detail;
  say('');
  const { hits, text, note } = detail;
  const meant = hits.flatMap((hit, index) => hit.meant ? [index] : []);
  taken = new Set(meant);  // where it could not be told which are meant, none is
  $('.pm-findings h3').textContent = hits.length
    ? `${things().length} found for “${text}”. Tick what you mean, here or in the photo.`
    : `“${text}”`;
  $('.pm-findings-note').textContent = note || '';
  boxes.replaceChildren(...hits.map((hit, index) => {
    const button = hitButton(hit, index, hit.reading ? 'pm-hit pm-reading' : 'pm-hit');
    stretch(button, ...hit.box);
    button.append(make('b', '', String(index + 1)));
    return button;
  }));
  $('.pm-findings ol').replaceChildren(...hits.map((hit, index) => {
    const item = make('li', ''), button = hitButton(hit, index, 'pm-hit-row');
    const words = make('span', '');
    words.append(make('b', '', `${index + 1}. ${hit.label}`), make('small', '', hit.why));
    button.append(pictureOf(hit.icon), words);
    item.append(button);
    return item;
  }));
  findings.hidden = false;
  root.dataset.found = hits.length;
  drawTicks();
  findings.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
});
