// Compiles templates/ while the program is packed: at run time only what fills them in is loaded, a fifth of handlebars.
import { readdirSync, readFileSync } from 'node:fs';
import handlebars from 'handlebars';

/** A plugin of esbuild by which templates come compiled, in place of what reads and compiles them. */
export async function compiledTemplates(root) {
  const { TEMPLATE_OPTIONS } = await import(`${root}build/desired/compile-template.js`);
  const compiled = readdirSync(`${root}templates`).map((name) => {
    const source = readFileSync(`${root}templates/${name}`, 'utf8');
    return `${JSON.stringify(name)}: ${handlebars.precompile(source, TEMPLATE_OPTIONS)}`;
  });
  return {
    name: 'templates',
    setup(build) {
      build.onLoad({ filter: /\/build\/desired\/compile-template\.js$/ }, () => ({
        resolveDir: root,
        contents: `import handlebars from 'handlebars/runtime.js';
const compiled = { ${compiled.join(',\n')} };
export const compileTemplate = async (name) => handlebars.template(compiled[name]);`,
      }));
    },
  };
}
