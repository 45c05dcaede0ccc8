-- Takes what browsers say of the pages that they showed: numbers alone, of no person. Whoever writes what he likes can raise
-- counts, and make no more series than there is room for.
local tables = require 'tables'

local shared, rates, var = ngx.shared.metrics, ngx.shared.beacons, ngx.var
local DAY = 86400
local LARGEST = 4096
-- Of one visitor in a minute, and of a site in a second.
local MOST_OF_ONE, MOST_OF_ALL = 60, 200
-- How many pages are counted apart, of a site and in all; the others are one page.
local MOST_PAGES, MOST = 20, 200
local MOST_VIEWS, LONGEST_PATH, DEEPEST = 20, 512, 4
local LONGEST_MS = 600000
local OTHER = 'other'

-- What is measured, in the order of the documents. Bounds are close where Google's own thresholds are.
local VITALS = {
  { 'lcp', 'web_vitals_lcp_seconds', { 0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 10 }, 'Time until the largest part of a page was painted.' },
  { 'inp', 'web_vitals_inp_seconds', { 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1 }, 'Time from a click or a key to the next paint, of the slowest.' },
  { 'cls', 'web_vitals_cls', { 0.01, 0.05, 0.1, 0.15, 0.25, 0.5 }, 'How much of a page moved by itself.' },
  { 'fcp', 'web_vitals_fcp_seconds', { 0.5, 1, 1.4, 1.8, 2.4, 3, 5 }, 'Time until something was painted.' },
  { 'ttfb', 'web_vitals_ttfb_seconds', { 0.1, 0.2, 0.4, 0.8, 1.2, 1.8, 3 }, 'Time until the first byte of a page.' },
  { 'load', 'page_load_seconds', { 0.5, 1, 2, 3, 5, 10 }, 'Time until a page was loaded with all that it needs.' },
}

local M = {}

local function add(key, n)
  shared:incr(key, n, 0)
  shared:expire(key, 30 * DAY)
end

local function count_pages(site)
  local own, all = 0, 0
  for _, key in ipairs(shared:get_keys(0)) do
    local owner = key:match('^p\1([^\1]*)')
    if owner then all = all + 1 end
    if owner == site then own = own + 1 end
  end
  return own, all
end

-- Whether a page is counted apart. Those that nobody opened for two days have made room.
local function has_place(id, site)
  local key = 'p\1' .. id
  if shared:get(key) then return shared:expire(key, 2 * DAY) end
  -- Looking costs: not more often than once a second.
  if not rates:add('full\1' .. site, true, 1) then return false end
  local own, all = count_pages(site)
  if own >= MOST_PAGES or all >= MOST then return false end
  rates:delete('full\1' .. site)
  return shared:add(key, true, 2 * DAY)
end

local function is_id(part)
  if part:find('^%d+$') or #part > 40 then return true end
  return #part >= 8 and part:find('%d') ~= nil and part:find('^[%x-]+$') ~= nil or #part >= 16 and part:find('%d') ~= nil and part:find('^%w+$') ~= nil
end

-- The page that a path is of: what tells one thing from another of its kind is left out. nil: it is no path.
function M.page(path)
  path = path:match('^[^?#]*')
  if #path > LONGEST_PATH or not path:find("^/[%w%%/._~!$&'()*+,;=:@-]*$") then return nil end
  local parts = {}
  for part in path:gmatch('[^/]+') do
    if #parts == DEEPEST then
      parts[#parts + 1] = '…'
      break
    end
    parts[#parts + 1] = is_id(part) and ':id' or part
  end
  return '/' .. table.concat(parts, '/')
end

-- The service that a page is of, and its name among those that are counted; nil: it is of none that is measured.
local function owner(known, path)
  local target = type(path) == 'string' and (known.only or tables.match(known.routes, path))
  if not target or not target.vitals then return nil end
  local page, place = M.page(path), target.site .. '\1' .. target.service .. '\1'
  if page and has_place(place .. page, target.site) then return place .. page end
  -- One for each service, for which there is always room.
  shared:set('o\1' .. place .. OTHER, true, 30 * DAY)
  return place .. OTHER
end

local function measure(id, which, text)
  if type(text) ~= 'string' or #text > 20 or not text:find('^%d+%.?%d*$') then return end
  local name, _, bounds = unpack(VITALS[which])
  local value = tonumber(text)
  if name ~= 'cls' then
    if value > LONGEST_MS then return end
    value = value / 1000
  elseif value > 100 then
    return
  end
  local slot = 1
  while slot <= #bounds and value > bounds[slot] do slot = slot + 1 end
  local key = 'v\1' .. id .. '\1' .. which .. '\1'
  add(key .. slot, 1)
  add(key .. 'sum', value)
end

local function views_of(args)
  return type(args.view) == 'table' and args.view or { args.view }
end

local function count(known, args)
  local id = owner(known, args.path)
  if id then
    for which = 1, #VITALS do measure(id, which, args[VITALS[which][1]]) end
  end
  for n, path in ipairs(views_of(args)) do
    if n > MOST_VIEWS then return end
    local of = owner(known, path)
    if of then add('v\1' .. of .. '\1views\1', 1) end
  end
end

local function too_often(site)
  local visitor = var.edge_visitor
  -- A web server of this machine that does not name its visitors speaks for all of them.
  if visitor ~= '127.0.0.1' and (rates:incr('one\1' .. visitor, 1, 0, 60) or 0) > MOST_OF_ONE then return true end
  return (rates:incr('all\1' .. site, 1, 0, 1) or 0) > MOST_OF_ALL
end

-- 0: it is taken. A page of another site may not send in the name of its visitors.
local function refusal()
  if ngx.req.get_method() ~= 'POST' then return 405 end
  local size = tonumber(var.http_content_length)
  if not size then return 411 end
  if size > LARGEST then return 413 end
  local from = var.http_sec_fetch_site
  return from and from ~= 'same-origin' and 403 or 0
end

-- Answers a beacon. What it says of no page that is measured, or in numbers that cannot be, is passed over.
function M.take(site, known)
  local status = refusal()
  if status == 0 and too_often(site) then status = 429 end
  if status ~= 0 then
    ngx.req.discard_body()
    var.edge_retry = '60'
    return ngx.exit(status)
  end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then count(known, ngx.decode_args(body, 40)) end
  ngx.status = 204
  ngx.send_headers()
end

-- Counts a page that was sent without the script. Returns false, for who says so of a page.
function M.left_out(target, why)
  add('l\1' .. target.site .. '\1' .. target.service .. '\1' .. why, 1)
  return false
end

function M.forget(site)
  for _, key in ipairs(shared:get_keys(0)) do
    if key:match('^[povl]\1([^\1]*)') == site then shared:delete(key) end
  end
end

local function labels(id)
  return ('app="%s",service="%s",page="%s"'):format(id:match('^([^\1]*)\1([^\1]*)\1(.*)$'))
end

local HELP = '# HELP %s %s\n# TYPE %s %s'

local function histogram(lines, id, which, seen)
  local _, name, bounds = unpack(VITALS[which])
  local key, sum = 'v\1' .. id .. '\1' .. which .. '\1', 0
  for slot = 1, #bounds + 1 do
    sum = sum + seen(key .. slot)
    lines[#lines + 1] = ('%s_bucket{%s,le="%s"} %d'):format(name, labels(id), bounds[slot] or '+Inf', sum)
  end
  lines[#lines + 1] = ('%s_sum{%s} %.3f'):format(name, labels(id), seen(key .. 'sum'))
  lines[#lines + 1] = ('%s_count{%s} %d'):format(name, labels(id), sum)
end

local function listed()
  local pages, left = {}, {}
  for _, key in ipairs(shared:get_keys(0)) do
    local kind, id = key:match('^([pol])\1(.*)$')
    if kind == 'l' then left[#left + 1] = id elseif kind then pages[#pages + 1] = id end
  end
  table.sort(pages)
  table.sort(left)
  return pages, left
end

-- Everything over all workers, in the text format of Prometheus. A page is told with zeros the first time: a rate needs one
-- before the first view.
function M.text()
  local pages, left = listed()
  local lines, told = {}, {}
  for _, id in ipairs(pages) do told[id] = not shared:add('t\1' .. id, true, 30 * DAY) end
  local function seen(id)
    return function(key) return told[id] and shared:get(key) or 0 end
  end
  local function head(name, kind, says) lines[#lines + 1] = HELP:format(name, says, name, kind) end
  head('page_views_total', 'counter', 'Pages that browsers showed.')
  for _, id in ipairs(pages) do
    lines[#lines + 1] = ('page_views_total{%s} %d'):format(labels(id), seen(id)('v\1' .. id .. '\1views\1'))
  end
  for which = 1, #VITALS do
    head(VITALS[which][2], 'histogram', VITALS[which][4])
    for _, id in ipairs(pages) do histogram(lines, id, which, seen(id)) end
  end
  head('innkeeper_edge_pages_left_out_total', 'counter', 'Pages that were sent without the script that measures them.')
  for _, id in ipairs(left) do
    local owned = ('app="%s",service="%s",why="%s"'):format(id:match('^([^\1]*)\1([^\1]*)\1(.*)$'))
    lines[#lines + 1] = ('innkeeper_edge_pages_left_out_total{%s} %d'):format(owned, shared:get('l\1' .. id) or 0)
  end
  return table.concat(lines, '\n') .. '\n'
end

return M
