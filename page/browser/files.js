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
