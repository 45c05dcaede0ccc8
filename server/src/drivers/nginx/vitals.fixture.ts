/** Rows of docs/edge.md that vitals.test.ts asks for: its titles. */
export const CHECKED_BY_VITALS: Record<string, [file: string, title: string]> = {
  '`Accept-Encoding` of who opens a page, with `vitals`': [
    'vitals.test.ts',
    'is in files, too, and of an app that would have compressed the page',
  ],
  '`Content-Length`, `ETag`, `Accept-Ranges` of a page that gets a `<script>`': [
    'vitals.test.ts',
    'stands at the end of the head, and all else is as it was',
  ],
  '`/.innkeeper/vitals.js` and `/.innkeeper/vitals`, of an app with `vitals`': [
    'vitals.test.ts',
    'are refused when they are large, of another site, or too many',
  ],
  'a page (`text/html`, 200) of a service with `vitals`, to a browser that opens it': [
    'vitals.test.ts',
    'follows the policy of the page, with its nonce where that is what it asks for',
  ],
}
