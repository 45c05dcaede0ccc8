-- Paths that are answered with 404 whatever the app has there, however a visitor writes them.
local var = ngx.var
local find, sub, lower, char = string.find, string.sub, string.lower, string.char
local M = {}

-- Each list remembers so many answers.
local MOST_KNOWN = 2000
-- Some frameworks decode a path that was decoded already.
local MOST_DECODED = 3

-- `/metrics` is a path with what is below it, `.git` a name wherever it stands; `*` at the end leaves the rest of the name open.
function M.prepare(entries)
  local ready = { starts = {}, names = {}, known = {}, count = 0 }
  for _, entry in ipairs(entries) do
    local open = sub(entry, -1) == '*'
    local text = lower(open and sub(entry, 1, -2) or entry .. '/')
    local rooted = sub(text, 1, 1) == '/'
    local into = rooted and ready.starts or ready.names
    into[#into + 1] = rooted and text or '/' .. text
  end
  return (#ready.starts > 0 or #ready.names > 0) and ready
end

-- Many routers take capitals for small letters, so capitals change nothing.
local function hit(ready, path)
  path = lower(path) .. '/'
  for _, text in ipairs(ready.starts) do
    if sub(path, 1, #text) == text then return true end
  end
  for _, text in ipairs(ready.names) do
    if find(path, text, 1, true) then return true end
  end
  return false
end

local function known_hit(ready, path)
  local known = ready.known[path]
  if known ~= nil then return known end
  if ready.count >= MOST_KNOWN then ready.known, ready.count = {}, 0 end
  known = hit(ready, path)
  ready.known[path], ready.count = known, ready.count + 1
  return known
end

local function decoded(path)
  for _ = 1, MOST_DECODED do
    local more = path:gsub('%%(%x%x)', function(digits) return char(tonumber(digits, 16)) end)
    if more == path then break end
    path = more
  end
  -- As the URL class of JavaScript reads it.
  return (path:gsub('\\', '/'))
end

local function resolved(path)
  local names = {}
  for name in path:gmatch('[^/]+') do
    if name == '..' then
      names[#names] = nil
    elseif name ~= '.' then
      names[#names + 1] = name
    end
  end
  return '/' .. table.concat(names, '/')
end

-- The app gets the path as it was sent, and reads it in its own way: as it stands, without its dots, to the first mark,
-- or, where it begins with two slashes, as a host and a path.
local function tricky(ready, raw)
  local path = decoded(raw)
  local below = path:match('^//+[^/]*(/.*)$')
  local cut = path:match('^[^?#;]*')
  return hit(ready, (path:gsub('/+', '/'))) or hit(ready, resolved(path)) or hit(ready, resolved(cut)) or below and hit(ready, resolved(below))
end

-- Whether the request is for one of them.
function M.hits(ready)
  local path, raw = var.uri, var.request_uri
  local query = find(raw, '?', 1, true)
  if query then raw = sub(raw, 1, query - 1) end
  if raw == path and not find(path, '\\', 1, true) and not find(path, ';', 1, true) then return known_hit(ready, path) end
  return hit(ready, path) or tricky(ready, raw)
end

return M
