// call asks the control surface. An error has a message for people; one that
// is nobody's fault here, because the server is away, has away set.
export async function call(method, path, body) {
  const request = { method, headers: {} };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw Object.assign(new Error("the server is away"), { away: true });
  }
  if (answer.status === 401) {
    location.assign("/login");
    return new Promise(() => {}); // the page is left
  }
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error?.message ?? `the server answered ${answer.status}`);
  return value;
}

export const get = (path) => call("GET", path);

// query returns ?name=value… of what is set.
export function query(values) {
  const set = Object.entries(values).filter(([, v]) => v !== "" && v !== undefined);
  return set.length ? "?" + new URLSearchParams(set) : "";
}

// deliveryPath is where a delivery is.
export const deliveryPath = (id) => "/v1/deliveries/" + encodeURIComponent(id);
