import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SenderFacts, senderFindings } from './policy.ts'

const GOOD: SenderFacts = {
  domain: 'example.com',
  spf: ['google-site-verification=x', 'v=spf1 include:sendgrid.net ~all'],
  dmarc: ['v=DMARC1; p=reject'],
  dkim: ['v=DKIM1; k=rsa; p=MIGf'],
}
const CASES: Array<[string, Partial<SenderFacts>, RegExp[]]> = [
  ['all is there', {}, []],
  ['no SPF', { spf: ['other'] }, [/no SPF record: write a TXT record at example\.com/]],
  ['two SPF', { spf: ['v=spf1 -all', 'v=spf1 mx -all'] }, [/2 SPF records/]],
  ['SPF for everybody', { spf: ['v=spf1 +all'] }, [/allows everybody/]],
  ['no DMARC', { dmarc: [] }, [/at _dmarc\.example\.com/]],
  ['a DKIM key that was withdrawn', { dkim: ['v=DKIM1; p='] }, [/no DKIM key/]],
  ['nothing', { spf: [], dmarc: [], dkim: [] }, [/SPF/, /DMARC/, /DKIM/]],
  ['no answer', { dmarc: null }, [/does not answer/]],
]
for (const [name, facts, expected] of CASES)
  test(`the domain that e-mail is sent from: ${name}`, () => {
    const found = senderFindings({ ...GOOD, ...facts })
    assert.equal(found.length, expected.length, found.join('\n'))
    for (const [n, pattern] of expected.entries()) assert.match(found[n]!, pattern)
  })
