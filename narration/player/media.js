// made by narration. The lock screen and the keys of the keyboard and headphones, by the Media Session API.

const there = "mediaSession" in navigator;

export function load(session, actions) {
  if (!there) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: session.title,
    artist: session.voice,
    album: session.album,
    artwork: [{ src: new URL(session.artwork, location).href }],
  });
  for (const [name, action] of Object.entries(actions)) {
    try {
      navigator.mediaSession.setActionHandler(name, action);
    } catch {
      // this browser does not know this action
    }
  }
}

export function tell(audio, playing) {
  if (!there) return;
  navigator.mediaSession.playbackState = playing ? "playing" : "paused";
  if (Number.isFinite(audio.duration)) {
    const position = Math.min(audio.currentTime, audio.duration);
    navigator.mediaSession.setPositionState({ duration: audio.duration, position, playbackRate: 1 });
  }
}
