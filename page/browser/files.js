// Photos come in by file, drop, paste, camera or as a sample. Each wish for one has its turn: a large
// one that comes late does not push out what was wished for after it.
const chooser = $('#pm-upload input');
let turn = 0;

function wish() {
  warn('');
  setBusy('Opening…');
  turn += 1;
  return turn;
}
async function send(file) {
  if (!file) return;
  const megabytes = file.size / 1e6;
  if (megabytes > Number(root.dataset.limit)) {
    return warn(`This file is ${Math.round(megabytes)} MB; ${root.dataset.limit} MB is the most.`);
  }
  const mine = wish();
  try {
    const { path } = await upload(file);
    if (mine === turn) trigger('open', { path, turn: mine });
  } catch {
    if (mine !== turn) return;
    setBusy('');
    warn('This file could not be sent. Is the server still there? Please try again.');
  }
}
chooser.addEventListener('change', () => {
  send(chooser.files[0]);
  chooser.value = '';  // so that the same file can be chosen again
});
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
