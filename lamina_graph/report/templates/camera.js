// Where the graph stands in a picture, and how large. The whole of it fits at x 0, y 0, k 1.
function cameraOf(stage, moved = () => {}) {
  const picture = stage.querySelector("svg"), graph = picture.querySelector(".lg-graph"), size = picture.viewBox.baseVal;
  let camera = { x: 0, y: 0, k: 1 };
  const between = (value, low, high) => Math.min(Math.max(value, low), high);
  const scale = () => Math.min(stage.clientWidth / size.width, stage.clientHeight / size.height);
  const allowed = k => between(k, 0.5, Math.max(3 / scale(), 1));

  // the part of the plane that the stage shows
  function room() {
    const width = stage.clientWidth / scale(), height = stage.clientHeight / scale();
    return { x: (size.width - width) / 2, y: (size.height - height) / 2, width, height };
  }

  function put({ x, y, k }, smooth) {
    const seen = room();
    const inside = (value, start, length, whole) => between(value, start + length / 4 - k * whole, start + (length * 3) / 4);
    camera = { k, x: inside(x, seen.x, seen.width, size.width), y: inside(y, seen.y, seen.height, size.height) };
    graph.style.transition = smooth ? "" : "none";
    graph.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${k})`;
    moved();
  }

  const move = (x, y, smooth) => put({ ...camera, x: camera.x + x, y: camera.y + y }, smooth);

  function zoom(by, at, smooth) {
    const k = allowed(camera.k * by), factor = k / camera.k;
    put({ k, x: at.x - (at.x - camera.x) * factor, y: at.y - (at.y - camera.y) * factor }, smooth);
  }

  const middle = () => ({ x: size.width / 2, y: size.height / 2 });
  const closer = () => zoom(1.4, middle(), true), farther = () => zoom(1 / 1.4, middle(), true);
  const fit = () => put({ x: 0, y: 0, k: 1 }, true);
  const pan = (x, y) => () => move((x * 80) / scale(), (y * 80) / scale(), true);

  // bring boxes into sight, large enough to read; leave the picture where it is when they are
  function approach(boxes) {
    const left = Math.min(...boxes.map(box => box.x)), right = Math.max(...boxes.map(box => box.x + box.width));
    const top = Math.min(...boxes.map(box => box.y)), bottom = Math.max(...boxes.map(box => box.y + box.height));
    const seen = room(), fits = 0.86 * Math.min(seen.width / (right - left), seen.height / (bottom - top));
    const best = Math.min(fits, 1 / scale()), readable = Math.min(best, 0.6 / scale());
    const within = (low, high, offset, start, length) =>
      low * camera.k + offset >= start && high * camera.k + offset <= start + length;
    const inside = within(left, right, camera.x, seen.x, seen.width) && within(top, bottom, camera.y, seen.y, seen.height);
    if (inside && camera.k >= readable * 0.99) return;
    const k = allowed(between(camera.k, readable, best));
    const along = (start, length, whole, wanted) =>
      k * whole <= length ? start + (length - k * whole) / 2 : between(wanted, start + length - k * whole, start);
    put({
      k,
      x: along(seen.x, seen.width, size.width, middle().x - (k * (left + right)) / 2),
      y: along(seen.y, seen.height, size.height, middle().y - (k * (top + bottom)) / 2),
    }, true);
  }

  // the part of the graph that is in sight
  function sight() {
    const seen = room();
    return { x: (seen.x - camera.x) / camera.k, y: (seen.y - camera.y) / camera.k, width: seen.width / camera.k, height: seen.height / camera.k };
  }

  const centre = at => put({ ...camera, x: middle().x - at.x * camera.k, y: middle().y - at.y * camera.k });

  // change the graph, and keep what is at a point of it where it is in the window, as large as it is
  function keep(was, is, change) {
    const seen = room(), drawn = scale(), pixels = camera.k * drawn;
    const left = (was.x * camera.k + camera.x - seen.x) * drawn, top = (was.y * camera.k + camera.y - seen.y) * drawn;
    change();
    const k = allowed(pixels / scale()), now = room();
    put({ k, x: now.x + left / scale() - k * is.x, y: now.y + top / scale() - k * is.y });
  }

  const point = event => new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  const fingers = new Map();
  let dragged = false;

  function press(event) {
    if (event.button) return;
    if (!fingers.size) dragged = false;
    fingers.set(event.pointerId, point(event));
  }

  // one finger moves the graph, a second one holds the point that it is zoomed at
  function drag(event) {
    const was = fingers.get(event.pointerId), is = point(event);
    if (!was) return;
    if (!event.buttons) return release(event);
    if (!dragged && Math.hypot(is.x - was.x, is.y - was.y) * scale() < 4) return;
    if (!dragged) stage.setPointerCapture(event.pointerId);
    dragged = true;
    stage.classList.add("held");
    fingers.set(event.pointerId, is);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return move(is.x - was.x, is.y - was.y);
    zoom(Math.hypot(is.x - other.x, is.y - other.y) / (Math.hypot(was.x - other.x, was.y - other.y) || 1), other);
  }

  function release(event) {
    fingers.delete(event.pointerId);
    stage.classList.toggle("held", fingers.size > 0);
  }

  // where the page itself scrolls, the wheel is left to it
  function wheel(event) {
    if (document.documentElement.scrollHeight > innerHeight && !event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : event.ctrlKey ? 0.01 : 0.002)), point(event));
  }

  stage.addEventListener("pointerdown", press);
  stage.addEventListener("pointermove", drag);
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
  stage.addEventListener("wheel", wheel, { passive: false });
  for (const [id, act] of Object.entries({ in: closer, out: farther, fit })) document.getElementById(id).addEventListener("click", act);
  new ResizeObserver(() => put(camera)).observe(stage);
  const shift = { ArrowLeft: pan(1, 0), ArrowRight: pan(-1, 0), ArrowUp: pan(0, 1), ArrowDown: pan(0, -1) };
  return {
    approach,
    centre,
    keep,
    sight,
    fit,
    dragged: () => dragged,
    keys: {
      "+": closer, "=": closer, "-": farther, 0: fit,
      ...Object.fromEntries(Object.entries(shift).map(([key, act]) => [`Shift+${key}`, act])),
    },
  };
}
