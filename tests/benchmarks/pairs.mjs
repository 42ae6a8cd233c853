// Fills one contract each time a line comes in, and answers with the seconds it took.
//     node pairs.mjs TOOL MODEL DATA.json OUT.docx
import { createRequire } from "node:module";
import fs from "node:fs";
import readline from "node:readline";

const require = createRequire(process.env.PAIRS_FROM);
const [tool, model, data, out] = process.argv.slice(2);
const content = fs.readFileSync(model);
const values = JSON.parse(fs.readFileSync(data, "utf8"));

const tools = {
  async docxtemplater() {
    const PizZip = require("pizzip");
    const Docxtemplater = require("docxtemplater");
    const document = new Docxtemplater(new PizZip(content), { paragraphLoop: true });
    document.render(values);
    return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
  },
  async "easy-template-x"() {
    const { TemplateHandler } = require("easy-template-x");
    return new TemplateHandler().process(content, values);
  },
  async carbone() {
    const carbone = require("carbone");
    return new Promise((done, fail) =>
      carbone.render(model, values, {}, (error, result) => (error ? fail(error) : done(result))),
    );
  },
};

for await (const _ of readline.createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  const made = await tools[tool]();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  fs.writeFileSync(out, made);
  console.log(seconds);
}
