import { z } from 'zod'
import { HOST_NAME } from './fields.ts'

/** A bound, so that a page stays one that people read. */
const MOST_COMPONENTS = 30

const service = z.string().min(1)
const component = z
  .string()
  .regex(/^[^\p{Cc}\p{Cf}<>]{1,60}$/u, 'a component has a name of 60 letters at most, on one line')

/** `statusPage:` of innkeeper.yaml. */
export const statusPage = z.strictObject({
  domain: z
    .string()
    .max(253, 'a host name has 253 letters at most')
    .regex(HOST_NAME, 'not a host name')
    .refine(name => !name.startsWith('*'), 'a page has one name of its own: write it without *')
    .transform(name => name.toLowerCase())
    .optional()
    .describe('Host name of the page; without, it is at a path of the port of the app on 127.0.0.1'),
  title: z
    .string()
    .regex(/^[^\p{Cc}]{1,80}$/u, 'a title is one line of 80 letters at most')
    .optional()
    .describe('What the page is called; default: the name of the app'),
  components: z
    .record(
      component,
      z
        .union([service, z.array(service).min(1)])
        .transform(said => (typeof said === 'string' ? [said] : said)),
    )
    .refine(
      all => Object.keys(all).length > 0 && Object.keys(all).length <= MOST_COMPONENTS,
      `a page shows from 1 to ${MOST_COMPONENTS} components`,
    )
    .optional()
    .describe('Name on the page to service, or to several; default: each service that takes requests'),
  mail: z
    .string()
    .regex(/^[a-z][\w-]{0,59}$/, 'a channel has small letters, digits, _ and -')
    .optional()
    .describe('The channel of e-mail by which subscribers are told; without, nobody can subscribe'),
})
export type StatusPageConfig = z.output<typeof statusPage>

/** What the page of an app shows, in its order: name → services. */
export const componentsOf = (
  page: StatusPageConfig,
  services: ReadonlyArray<{ name: string; kind: string }>,
): Array<{ name: string; services: string[] }> =>
  page.components === undefined
    ? services.filter(({ kind }) => kind !== 'worker').map(({ name }) => ({ name, services: [name] }))
    : Object.entries(page.components).map(([name, parts]) => ({ name, services: parts }))
