import { Failure } from '../../kernel/failure.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import { ENDING, FILE, LAYOUT, type Order, type TemplateFiles, type Way } from './template.ts'

interface Named {
  file: string
  template: string
  language: string | null
  way: Way
}

/** What the name of a file says; null: it is no template. */
export function namedBy(file: string): Named | null {
  const [, template, language = null, ending] = FILE.exec(file) ?? []
  return template === undefined
    ? null
    : { file, template, language, way: ending === 'txt' ? 'telegram' : 'email' }
}

/** The templates that can be sent, in all their languages: neither layouts nor parts of others. */
export const sendable = (files: TemplateFiles): Named[] =>
  Object.keys(files)
    .sort()
    .flatMap(file => namedBy(file) ?? [])
    .filter(({ template }) => template !== LAYOUT && !template.startsWith('_'))

/** `de-AT`, then `de`, then the file without a language. */
const languagesFor = (language: string | null): Array<string | null> =>
  language === null ? [null] : [...new Set([language, language.split('-')[0]!]), null]

const fileOf = (template: string, language: string | null, way: Way): string =>
  `${template}${language === null ? '' : `.${language}`}.${ENDING[way]}`

/** The file for somebody with this language; null: there is none. */
export const chosen = (
  files: TemplateFiles,
  { template, language, way }: Omit<Order, 'variables'>,
): string | null =>
  languagesFor(language)
    .map(one => fileOf(template, one, way))
    .find(file => Object.hasOwn(files, file)) ?? null

/** The layout around it; null: it stands alone. Only e-mail has one. */
export const layoutFor = (
  files: TemplateFiles,
  { language, way }: Pick<Order, 'language' | 'way'>,
): string | null => (way === 'email' ? chosen(files, { template: LAYOUT, language, way }) : null)

/** The file of a template that must be there. Failure `template.unknown`. */
export function chosenOrFail(files: TemplateFiles, order: Omit<Order, 'variables'>): string {
  const found = order.template === LAYOUT || order.template.startsWith('_') ? null : chosen(files, order)
  if (found !== null) return found
  const { way, template } = order
  const names = [...new Set(sendable(files).flatMap(one => (one.way === way ? [one.template] : [])))]
  const near = didYouMean(template, names)
  throw new Failure('template.unknown', `there is no template ${template} for ${way}`, {
    why:
      names.length === 0
        ? `the release that serves has no messages/NAME.${ENDING[way]}`
        : `messages/ of the release that serves has ${list(names)}`,
    fix: near === null ? `add messages/${template}.${ENDING[way]}, and deploy` : `did you mean ${near}?`,
  })
}
