// made by narration. Times as people say them.

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  return minutes ? `${counted(minutes, "minute")} ${counted(rest, "second")}` : counted(rest, "second");
}

export function left(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return minutes >= 90 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min left` : `${minutes} min left`;
}
