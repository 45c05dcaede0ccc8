import { escapeXml } from '../../kernel/quote.ts'
import type { Content } from '../messages/channel.ts'
import type { News } from './rule-news.ts'

/** Who writes: a page, with the address that ends in `/`. */
export interface Sender {
  title: string
  url: string
}

interface Words {
  to: string
  subject: string
  paragraphs: readonly string[]
  link: { label: string; url: string }
  /** The link that ends it; null: nothing was begun yet. */
  end: string | null
}

function letter({ title }: Sender, { to, subject, paragraphs, link, end }: Words): Content {
  const text = [
    ...paragraphs,
    `${link.label}: ${link.url}`,
    ...(end === null ? [] : [`-- \nNo more of these: ${end}`]),
  ].join('\n\n')
  const html = `<!doctype html><html lang="en"><body style="margin:0;padding:24px;background:#f6f7f9;font:16px/1.5 system-ui,sans-serif;color:#14181f">
<div style="max-width:560px;margin:0 auto;background:#fff;border:1px solid #e3e6eb;border-radius:12px;padding:24px">
<p style="margin:0 0 12px;color:#545d6b;font-size:14px">${escapeXml(title)}</p><h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${escapeXml(subject)}</h1>
${paragraphs.map(one => `<p style="margin:0 0 16px;white-space:pre-line">${escapeXml(one)}</p>`).join('\n')}
<p style="margin:0"><a href="${escapeXml(link.url)}" style="display:inline-block;background:#14181f;color:#fff;text-decoration:none;font-weight:600;padding:10px 18px;border-radius:8px">${escapeXml(link.label)}</a></p></div>
${end === null ? '' : `<p style="max-width:560px;margin:16px auto 0;color:#545d6b;font-size:13px">You get this because you subscribed. <a href="${escapeXml(end)}" style="color:#545d6b">Unsubscribe</a></p>`}
</body></html>`
  const headers: Record<string, string> =
    end === null
      ? {}
      : { 'List-Unsubscribe': `<${end}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
  return {
    ...{ level: 'soon', title: subject, text, incidents: [], link: null },
    letter: { to, fromName: title, html, headers },
  }
}

/** Asks whoever has the address whether it was them. */
export const confirmation = (from: Sender, to: string, link: string): Content =>
  letter(from, {
    ...{ to, subject: `Confirm that you want to be told by ${from.title}`, end: null },
    paragraphs: [
      `Somebody, most likely you, asked that this address be told of incidents and maintenance of ${from.title}.`,
      'If it was not you, do nothing: then no other mail comes. The link is good for two days.',
    ],
    link: { label: 'Confirm', url: link },
  })

/** To who is subscribed and asks again. */
export const already = (from: Sender, to: string, end: string): Content =>
  letter(from, {
    ...{ to, subject: `You are told by ${from.title} already`, end },
    paragraphs: ['Somebody asked once more that this address be told. Nothing has changed.'],
    link: { label: 'Open the status page', url: from.url },
  })

/** What there is to tell. */
export const newsLetter = (from: Sender, to: string, news: News, end: string): Content =>
  letter(from, {
    ...{ to, subject: `${from.title}: ${news.title}`, paragraphs: [news.text], end },
    link: { label: 'Open the status page', url: from.url },
  })
