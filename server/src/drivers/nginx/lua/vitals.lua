-- Puts a script into pages that measures what visitors feel, and serves that script. Beacons of it come to beacon.lua.
local beacon = require 'beacon'
local policy = require 'policy'
local tables = require 'tables'

local var, find = ngx.var, string.find
local M = {}
local SCRIPT, BEACON = '/.innkeeper/vitals.js', '/.innkeeper/vitals'
-- So much of a page is looked through for the end of its head.
local LARGEST_HEAD = 262144
-- Whose content is text: what looks like the end of the head in there is none.
local RAW = {}
for _, name in ipairs { 'script', 'style', 'title', 'noscript', 'template', 'textarea' } do
  RAW[name] = '</' .. name:gsub('%a', function(c) return '[' .. c .. c:upper() .. ']' end)
end
-- An answer with one of these says what its bytes are, or that it is no page.
local EXACT = { 'Content-Disposition', 'Content-Digest', 'Repr-Digest', 'Digest', 'Content-MD5' }

local text, tag = '', ''

-- Before there are workers. `folder`: of these files.
function M.begin(folder)
  local file = io.open(ngx.config.prefix() .. 'lua/' .. folder .. '/vitals.js', 'rb')
  text = file:read('*a')
  file:close()
  -- Its address changes with its content, so that browsers may keep it for ever.
  tag = '<script defer src="' .. SCRIPT .. '?' .. ngx.md5(text):sub(1, 10) .. '"'
end

-- Whether a request is for the script or brings a beacon.
function M.asked(uri)
  return uri == SCRIPT or uri == BEACON
end

function M.serve(site)
  if var.uri == BEACON then return beacon.take(site, tables.of(site)) end
  local method = ngx.req.get_method()
  if method ~= 'GET' and method ~= 'HEAD' then return ngx.exec('@nowhere') end
  ngx.header['Content-Type'] = 'text/javascript; charset=utf-8'
  ngx.header['Cache-Control'] = 'public, max-age=31536000, immutable'
  ngx.header['Content-Length'] = #text
  if method ~= 'HEAD' then ngx.print(text) end
end

-- Whether what is asked for may be a page that a person opens. Pieces of pages, which scripts ask for, are left as they are.
local function opens()
  if ngx.req.get_method() ~= 'GET' or var.http_range then return false end
  local wanted = var.http_sec_fetch_dest
  if wanted then return wanted == 'document' end
  return (var.http_accept or ''):find('text/html', 1, true) ~= nil
end

-- A page that the app compressed could not be read here, so it is asked for a plain one, which the edge compresses.
function M.ask_plain()
  if opens() then var.edge_encoding = '' end
end

local function is_page(headers)
  if ngx.status ~= 200 or not opens() then return false end
  if not (headers['Content-Type'] or ''):lower():find('^%s*text/html') then return false end
  local cache = headers['Cache-Control'] or ''
  if type(cache) == 'table' then cache = table.concat(cache, ',') end
  if cache:lower():find('no-transform', 1, true) then return false end
  for i = 1, #EXACT do
    if headers[EXACT[i]] then return false end
  end
  return true
end

-- Called with the head of an answer. What is kept until the tag is in, or false: the answer stays as it is.
function M.page(state)
  local headers, target = ngx.header, state.target
  if not is_page(headers) then return false end
  if headers['Content-Encoding'] then return beacon.left_out(target, 'encoded') end
  local by = policy.lets(headers['Content-Security-Policy'])
  if not by then return beacon.left_out(target, 'policy') end
  headers['Content-Length'] = nil
  headers['Accept-Ranges'] = nil
  -- Weak: equal for who reads it, not byte by byte. It still says to the app's own server which version is asked for.
  local etag = headers['ETag']
  if etag and not find(etag, '^W/') then headers['ETag'] = 'W/' .. etag end
  local nonce = type(by) == 'string' and ' nonce="' .. by .. '"' or ''
  return { tag = tag .. nonce .. '></script>', kept = '', seen = 0, raw = false }
end

-- Where a tag may still be incomplete at the end of a piece: from there on it is kept for the next one. `from`: what is before was read.
local function incomplete(piece, from)
  local last = find(piece, '<[^<>]*$', math.max(from, #piece - 11))
  return last or #piece + 1
end

-- The place of the end of the head in a piece; nil: not in it. Then where to go on reading.
local function end_of_head(page, piece)
  local at = 1
  while true do
    if page.raw then
      local _, stop = find(piece, page.raw, at)
      if not stop then return nil, math.max(at, #piece - 10) end
      page.raw, at = false, stop + 1
    end
    local open = find(piece, '<', at, true)
    if not open then return nil, #piece + 1 end
    local slash, name = piece:match('^<(/?)(%a+)[%s/>]', open)
    name = name and name:lower()
    if slash == '/' and name == 'head' or slash == '' and name == 'body' then return open end
    if piece:sub(open, open + 3) == '<!--' then
      page.raw, at = '%-%->', open + 4
    else
      if slash == '' and RAW[name] then page.raw = RAW[name] end
      if not name and #piece - open < 11 and not piece:find('>', open, true) then return nil, incomplete(piece, open) end
      at = open + 1
    end
  end
end

-- Called with each piece of a page. It is passed on as it comes, but for the beginning of a tag at its end. At the end of the
-- head the tag is what frameworks that take over a whole document expect last of others: they leave it there.
function M.filter(state)
  local page, last = state.page, ngx.arg[2]
  local piece = page.kept .. ngx.arg[1]
  local at, rest = end_of_head(page, piece)
  if at then
    state.page = false
    ngx.arg[1] = piece:sub(1, at - 1) .. page.tag .. piece:sub(at)
    return
  end
  page.seen = page.seen + #piece
  if last or page.seen > LARGEST_HEAD then
    state.page = false
    ngx.arg[1] = piece
    if piece ~= '' or last then beacon.left_out(state.target, 'headless') end
    return
  end
  page.kept = piece:sub(rest)
  ngx.arg[1] = piece:sub(1, rest - 1)
end

return M
