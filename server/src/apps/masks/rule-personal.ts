import type { MaskKind } from '../../config/masks.ts'
import { ABOUT, PEOPLE, SIGNS } from './personal.ts'
import type { Column, Looks } from './table.ts'

/** `billingEMail_2` is billing, e, mail: words in small letters, without accents and digits at their ends. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map(word => word.replace(/\d+$/, ''))
    .filter(word => word !== '')
}

/** Whether the words stand in the name one after the other, or as one word. */
function has(name: readonly string[], words: readonly string[]): boolean {
  const joined = words.join('')
  if (name.includes(joined)) return true
  return name.some((_, at) => words.every((word, i) => name[at + i] === word))
}

interface Named {
  table: { name: string; columns: ReadonlyArray<Pick<Column, 'name'>> }
  column: Pick<Column, 'name' | 'category'>
}

/** What a column's name and type say of it: why it looks personal, and what to put in its place; null: it does not. */
export function personalByName({ table, column }: Named): Looks | null {
  const words = wordsOf(column.name)
  const { category } = column
  const sign = SIGNS.find(one => one.in.includes(category) && has(words, one.words))
  const last = words.at(-1) ?? ''
  // A sign that ends so itself is one all the same: `national_id`.
  if (sign !== undefined && (!ABOUT.has(last) || sign.words.at(-1) === last))
    return { why: `its name has ${sign.words.join(' ')} in it`, kind: sign.kind }
  return category === 'text' && words.join() === 'name' && isOfPeople(table)
    ? { why: 'it is the name of somebody', kind: 'name' }
    : null
}

/** Whether its rows are people: it is called so, or each of them has an e-mail address. */
const isOfPeople = ({ name, columns }: Named['table']): boolean =>
  wordsOf(name).some(word => PEOPLE.has(word) || PEOPLE.has(word.replace(/s$/, ''))) ||
  columns.some(column => wordsOf(column.name).join('') === 'email')

const EMAIL = /[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,24}/i
const JWT = /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/
const PHONE = /(?:(?:^|[\s":;,])\+|(?:^|")00)[1-9]\d?[\d ()/.-]{6,16}\d(?:$|[\s";,])/
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/
/** As the networks give them out: Visa, Mastercard, American Express, Discover. */
const CARD = /(?<!\d)(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[47]\d{2}|6011|65\d{2})(?:[ -]?\d){11,12}(?!\d)/

/** The check digits of an IBAN. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '')
  const turned = compact.slice(4) + compact.slice(0, 4)
  const digits = [...turned].map(letter => Number.parseInt(letter, 36)).join('')
  return BigInt(digits) % 97n === 1n
}

/** The check digit of a card (Luhn). */
function isCard(text: string): boolean {
  const digits = [...text.replaceAll(/\D/g, '')].map(Number).reverse()
  const sum = digits.reduce((all, digit, i) => {
    const twice = digit * 2
    return all + (i % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice)
  }, 0)
  return sum % 10 === 0
}

const VALUES: ReadonlyArray<{ says: string; kind: MaskKind; is: (text: string) => boolean }> = [
  { says: 'an e-mail address', kind: 'email', is: text => EMAIL.test(text) },
  { says: 'a token (JWT)', kind: 'hash', is: text => JWT.test(text) },
  { says: 'an IBAN', kind: 'hash', is: text => IBAN.test(text) && isIban(IBAN.exec(text)![0]) },
  { says: 'the number of a card', kind: 'hash', is: text => CARD.test(text) && isCard(CARD.exec(text)![0]) },
  { says: 'a telephone number', kind: 'phone', is: text => PHONE.test(text) },
]

/** What some values of a column look like; null: like nothing personal. No value is in the answer. */
export function personalByValues(values: readonly string[]): Looks | null {
  const found = VALUES.find(({ is }) => values.some(is))
  return found === undefined ? null : { why: `a value of it looks like ${found.says}`, kind: found.kind }
}
