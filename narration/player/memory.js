// made by narration. What this browser remembers, on this device only: places in sessions and the choices made.

const KEY = `narration ${new URL(".", location).pathname}`; // several libraries may share an origin

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return found && typeof found === "object" ? found : {};
  } catch {
    return {}; // storage is off, or holds what is not ours
  }
}

function write(changes) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...read(), ...changes }));
  } catch {
    // storage is off or full: the page works without
  }
}

export const place = (id) => Number(read().places?.[id]) || 0;

export function remember(id, seconds) {
  write({ places: { ...read().places, [id]: Math.round(seconds * 10) / 10 }, last: id });
}

export function forget(id) {
  const { [id]: gone, ...places } = read().places ?? {};
  write({ places, last: read().last === id ? "" : read().last });
}

export function last() {
  const id = read().last;
  return typeof id === "string" && place(id) ? id : "";
}

export const choice = (name, otherwise) => read().choices?.[name] ?? otherwise;
export const choose = (name, value) => write({ choices: { ...read().choices, [name]: value } });
