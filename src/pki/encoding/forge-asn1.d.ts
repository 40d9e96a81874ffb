// The one part of forge that is used: loading all of it takes longer than what is done with it.
declare module 'node-forge/lib/asn1.js' {
  import type { asn1 as Asn1 } from 'node-forge';

  const asn1: typeof Asn1;

  // biome-ignore lint/style/noDefaultExport: what a CommonJS module gives is its default export.
  export { asn1 as default };
}
