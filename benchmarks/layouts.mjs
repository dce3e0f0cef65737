// Lays out graphs with dagre (what Mermaid uses) or ELK: JSON lines in, JSON lines out.
//   NODE_PATH=... node benchmarks/layouts.mjs dagre|elk < graphs.jsonl
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.LAYOUTS_FROM + "/");
const engine = process.argv[2];

function dagre({ sizes, pairs, direction }) {
  const { graphlib, layout } = require("@dagrejs/dagre");
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: 50, ranksep: 50 }); // Mermaid's own gaps
  graph.setDefaultEdgeLabel(() => ({}));
  sizes.forEach(([width, height], node) => graph.setNode(String(node), { width, height }));
  pairs.forEach(([source, target], edge) => graph.setEdge(String(source), String(target), {}, String(edge)));
  layout(graph);
  const centres = sizes.map((_, node) => [graph.node(String(node)).x, graph.node(String(node)).y]);
  const routes = pairs.map(([source, target], edge) =>
    graph.edge(String(source), String(target), String(edge)).points.map(({ x, y }) => [x, y]));
  return { centres, routes };
}

async function elk({ sizes, pairs, direction }) {
  const Elk = require("elkjs");
  const graph = {
    id: "root",
    layoutOptions: { "elk.algorithm": "layered", "elk.direction": direction === "LR" ? "RIGHT" : "DOWN" },
    children: sizes.map(([width, height], node) => ({ id: `n${node}`, width, height })),
    edges: pairs.map(([source, target], edge) => ({ id: `e${edge}`, sources: [`n${source}`], targets: [`n${target}`] })),
  };
  const made = await new Elk().layout(graph);
  const centres = made.children.map(({ x, y, width, height }) => [x + width / 2, y + height / 2]);
  const routes = made.edges.map(({ sections: [{ startPoint, bendPoints = [], endPoint }] }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }) => [x, y]));
  return { centres, routes };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await (engine === "elk" ? elk : dagre)(JSON.parse(line))));
}
