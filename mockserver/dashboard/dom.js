// Elements are made here and nowhere else. Text goes into them as text, so that
// nothing a receiver answers becomes markup.

export const $ = (id) => document.getElementById(id);

// make returns an element. Properties that are no functions become attributes;
// of these, what is null, undefined or false is left out.
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return element;
}

// breakable returns a name that may be broken after its underscores.
export const breakable = (name) => name.split(/(?<=_)/).flatMap((part, i) => (i ? [make("wbr"), part] : [part]));

// svg returns an element of a picture.
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// options fills a select: [value, text] pairs, or [label, pairs] for a group.
export function options(select, list) {
  const chosen = select.value;
  const option = ([value, text]) => make("option", { value }, text);
  select.replaceChildren(...list.map(([value, of]) => (Array.isArray(of) ? make("optgroup", { label: value }, ...of.map(option)) : option([value, of]))));
  if ([...select.options].some((o) => o.value === chosen)) select.value = chosen;
}

const numbers = new Intl.NumberFormat();
export const count = (n) => numbers.format(n);
export const plural = (n, one) => `${count(n)} ${n === 1 ? one : (one + "s").replace(/ys$/, "ies")}`;

export function milliseconds(ms) {
  if (ms === undefined) return "";
  return ms < 10 ? ms.toFixed(1) : count(Math.round(ms));
}

// clock is a time of the day, with the date unless it is today's.
export function clock(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return "";
  const today = new Date().toDateString() === time.toDateString();
  return (today ? "" : time.toLocaleDateString() + " ") + time.toLocaleTimeString([], { hour12: false });
}
