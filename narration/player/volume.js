// made by narration. One level for all that sounds, each element's share of it, and the fade.

export const FADE_S = 60;
const TICK_MS = 100;
const shares = new Map();
let level = 1;
let fading = 0;

// Some phones keep the volume for their own buttons: there a fade is left out.
export const settable = (() => {
  const probe = new Audio();
  probe.volume = 0.5;
  return probe.volume === 0.5;
})();

function apply(element) {
  element.volume = Math.min(1, Math.max(0, level * shares.get(element)));
}

export function share(element, value) {
  shares.set(element, value);
  apply(element);
}

function setLevel(value) {
  level = value;
  for (const element of shares.keys()) apply(element);
}

// Down to nothing along a squared cosine, which begins and ends softly; then `done`, and the level is back.
export function fade(seconds, done) {
  stopFade();
  const from = Date.now();
  const finish = () => {
    done();
    stopFade();
  };
  if (!settable) {
    finish();
    return;
  }
  fading = setInterval(() => {
    const gone = (Date.now() - from) / (seconds * 1000);
    if (gone >= 1) finish();
    else setLevel(Math.cos((Math.PI / 2) * gone) ** 2);
  }, TICK_MS);
}

export function stopFade() {
  clearInterval(fading);
  fading = 0;
  setLevel(1);
}
