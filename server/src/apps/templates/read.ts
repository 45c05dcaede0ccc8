import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { Source } from '../../kernel/source.ts'
import {
  FILE,
  FOLDER,
  MOST_FILES,
  MOST_LETTERS,
  MOST_LETTERS_IN_ALL,
  type TemplateFiles,
} from './template.ts'

/** The templates of a source; {}: it has none. Failures `template.many`, `source.refused`. */
export async function readTemplates(source: Source): Promise<TemplateFiles> {
  const names = ((await source.names(FOLDER)) ?? []).filter(name => FILE.test(name)).sort()
  if (names.length > MOST_FILES)
    throw tooMuch(`there are ${names.length} files, and ${MOST_FILES} are the most`)
  const files: Record<string, string> = {}
  let letters = 0
  for (const name of names) {
    const text = (await source.text(`${FOLDER}/${name}`)) ?? ''
    letters += text.length
    if (text.length > MOST_LETTERS)
      throw tooMuch(`${name} has ${showSize(text.length)}, and ${showSize(MOST_LETTERS)} are the most`)
    if (letters > MOST_LETTERS_IN_ALL)
      throw tooMuch(`they have more than ${showSize(MOST_LETTERS_IN_ALL)} together`)
    files[name] = text
  }
  return files
}

const tooMuch = (why: string): Failure =>
  new Failure('template.many', `${FOLDER}/ holds more than templates of messages need`, {
    why,
    fix: 'pictures and styles belong to addresses that the mail names, not into the template',
  })
