// Stands for the package string-width where yargs lays out help. That one knows emoji and wide scripts, for which it makes a
// segmenter and reads tables of Unicode: a quarter of what `--help` costs, and every other command pays half of that. Our help has
// one column to a character.

/** How many columns a text takes that has one for each character. */
// biome-ignore lint/style/noDefaultExport: as in the package whose place it takes.
export default function plainWidth(text) {
  return [...text.replaceAll(/\u001b\[[0-9;]*m/g, '')].length;
}
