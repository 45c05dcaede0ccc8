-- The answer when no app answers: a small page, or JSON for a program that accepts it.
local quote = require('json').quote

local TEXTS = {
  [404] = { 'Not found', 'There is nothing at this address.' },
  [413] = { 'Too large', 'What was sent is larger than this site accepts.' },
  [421] = { 'Unknown name', 'No site on this server answers to this name.' },
  [502] = { 'Not available', 'The application did not answer. Please try again in a moment.' },
  [503] = { 'Stopped', 'This application is not running at the moment.' },
  [504] = { 'Too slow', 'The application took too long to answer. Please try again in a moment.' },
}
local BUSY = { 'One moment', 'This application is being replaced. Please try again in a few seconds.' }

local HTML = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%s</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;
min-height:90vh;text-align:center;padding:1rem}h1{font-size:1.4rem}p{opacity:.7}</style>
</head><body><main><h1>%s</h1><p>%s</p></main></body></html>
]]

local M = {}

local function wants_json()
  local accept = ngx.var.http_accept or ''
  return accept:find('json', 1, true) ~= nil and accept:find('text/html', 1, true) == nil
end

local function send(status, words)
  -- The body is discarded: unread, it would be taken for the next request.
  ngx.req.discard_body()
  ngx.status = status
  ngx.header['Cache-Control'] = 'no-store'
  local text
  if wants_json() then
    ngx.header['Content-Type'] = 'application/json'
    text = ('{"status":%d,"error":%s,"message":%s}\n'):format(status, quote(words[1]), quote(words[2]))
  else
    ngx.header['Content-Type'] = 'text/html; charset=utf-8'
    text = HTML:format(words[1], words[1], words[2])
  end
  ngx.header['Content-Length'] = #text
  if ngx.req.get_method() ~= 'HEAD' then ngx.print(text) end
end

function M.send(status)
  send(status, TEXTS[status] or TEXTS[502])
end

function M.busy()
  ngx.header['Retry-After'] = '5'
  send(503, BUSY)
end

return M
