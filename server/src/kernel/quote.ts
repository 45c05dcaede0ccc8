/** One argument for a POSIX shell, read back as exactly this text. NUL has no place in an argument. */
export const quoteShell = (text: string): string =>
  /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
