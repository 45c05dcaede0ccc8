import { escapeXml } from '../../kernel/quote.ts'
import type { News } from './rule-news.ts'

interface Feed {
  app: string
  title: string
  url: string
  news: readonly News[]
}

/** What was told, as RSS 2.0. A reader knows each again by its guid, which never changes. */
export const feedOf = ({ app, title, url, news }: Feed): string => `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>${escapeXml(title)}</title>
<link>${escapeXml(url)}</link>
<description>${escapeXml(`Incidents and maintenance of ${title}`)}</description>
<language>en</language>
<atom:link href="${escapeXml(`${url}feed.xml`)}" rel="self" type="application/rss+xml"/>
${news.map(one => item(app, url, one)).join('\n')}
</channel></rss>
`

const item = (app: string, url: string, { key, at, title, text }: News): string => `<item>
<title>${escapeXml(title)}</title>
<link>${escapeXml(`${url}#${key.split(':').slice(0, 2).join('-')}`)}</link>
<guid isPermaLink="false">${escapeXml(`innkeeper:${app}:${key}`)}</guid>
<pubDate>${new Date(at).toUTCString()}</pubDate>
<description>${escapeXml(text)}</description>
</item>`
