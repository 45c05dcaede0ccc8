-- Which files of a release have a name that was made from their content, so that browsers may keep them for ever. A name alone
-- does not say it (`menu-may-2026.jpg`, `team-Margaret.jpg`): the bundler does, by its folder, its manifest, the page that it
-- wrote, or a name of code that no person would think of.
local files = require 'files'

local M = {}
local find = ngx.re.find

local CODE = [[\.(?:js|mjs|css|map|wasm)$]]
local KINDS = [[(?:js|mjs|css|map|json|wasm|woff2?|ttf|otf|eot|png|jpe?g|gif|svg|webp|avif|ico|mp4|webm|mp3|txt)]]
-- Folders that are a bundler's alone.
local OWN = [[^/(?:_next/static|_app/immutable|_astro|_nuxt(?!/builds/))/.+\.]] .. KINDS .. '$'
-- The part of a name that a bundler makes: after the last `.` or `-` before the ending.
local PART = [[[.-]([A-Za-z0-9_]{8,64})\.]] .. KINDS .. '$'
-- A name that may end in a hash; words with a number do too.
local LOOSE = [[[.-](?:(?=[a-f]*\d)[a-f0-9]{8,64}]]
  .. [[|(?=[\w-]*\d|[\w-]*[a-z][\w-]*[A-Z]|[\w-]*[A-Z][\w-]*[a-z])[\w-]{8}]]
  .. [[|(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{10,64})\.]] .. KINDS .. '$'
local LARGEST, REMEMBERED = 1024 * 1024, 2000
-- Bundlers that sort by kind put each kind beside the others.
local KIND_FOLDERS = { 'js', 'css', 'media', 'img', 'images', 'fonts', 'chunks' }

function M.is_code(path)
  return find(path, CODE, 'jo') ~= nil
end

function M.looks_hashed(path)
  return find(path, LOOSE, 'jo') ~= nil or find(path, OWN, 'jo') ~= nil
end

-- How often the kind of letter changes: words and dates have long stretches of one kind.
local function changes(text)
  local kinds = text:gsub('%l', 'a'):gsub('%u', 'A'):gsub('%d', '0')
  local n = 0
  for i = 2, #kinds do
    if kinds:byte(i) ~= kinds:byte(i - 1) then n = n + 1 end
  end
  return n
end

-- Whether no person would write such a name: hexadecimal, or letters of both cases and digits in disorder, or, of code,
-- capitals with a digit inside (esbuild).
local function random(path)
  local found = ngx.re.match(path, PART, 'jo')
  local part = found and found[1]
  if not part then return false end
  if part:find('^[0-9a-f]+$') then return part:find('%d') ~= nil and part:find('%a') ~= nil end
  local code, mixed = M.is_code(path), part:find('%l') and part:find('%u')
  if code and part:find('^[A-Z2-7]+$') and #part == 8 then return part:find('%d.*%u') ~= nil end
  if code then return mixed and changes(part) >= 3 or false end
  return mixed and part:find('%d%a') ~= nil and changes(part) >= 4 or false
end

local function folder_of(path)
  return path:match('^(.*)/[^/]*$')
end

-- The place in the release of an address in a page or a manifest.
local function place(address, prefix)
  if address:find('^%a+:') or address:sub(1, 2) == '//' then return nil end
  local path = '/' .. address:gsub('^%./', ''):gsub('^/', ''):gsub('[?#].*$', '')
  if prefix ~= '' and path:sub(1, #prefix + 1) == prefix .. '/' then path = path:sub(#prefix + 1) end
  return path
end

local function add_folder(known, folder)
  known.folders[folder] = true
  local parent, last = folder:match('^(.*)/([^/]+)$')
  for _, kind in ipairs(KIND_FOLDERS) do
    if last == kind then
      for _, beside in ipairs(KIND_FOLDERS) do known.folders[parent .. '/' .. beside] = true end
    end
  end
end

local function read_manifest(known, text, prefix)
  for address in text:gmatch('"([^"\n]+)"') do
    local path = M.looks_hashed(address) and place(address, prefix)
    if path then known.named[path] = true end
  end
end

-- What the bundler says in the files of a release. `folders`: where it writes; `named`: what it lists.
local function evidence(root, prefix)
  local known = { folders = {}, named = {} }
  local page = files.read(root .. '/index.html', LARGEST) or ''
  for tag in page:gmatch('<(%a[^>]*)>') do
    local address = (tag:find('^script') or tag:find('^link')) and (tag:match('%ssrc="?([^"%s]+)') or tag:match('%shref="?([^"%s]+)'))
    local path = address and place(address, prefix)
    local bundled = tag:find('crossorigin', 1, true) and path and M.looks_hashed(path)
    if path and M.is_code(path) and (bundled or random(path)) then add_folder(known, folder_of(path)) end
  end
  for _, name in ipairs { '/.vite/manifest.json', '/asset-manifest.json', '/manifest.json' } do
    local text = files.read(root .. name, LARGEST) or ''
    -- A browser's manifest has the same name as that of Vite.
    if name ~= '/manifest.json' or text:find('"isEntry"', 1, true) then read_manifest(known, text, prefix) end
  end
  return known
end

local seen, judged, count = {}, {}, 0

local function evidence_of(root, prefix)
  local id = root .. '\0' .. prefix
  seen[id] = seen[id] or evidence(root, prefix)
  return seen[id]
end

-- Whether a path lies where the bundler writes. Of the root it is only what stands in it.
local function in_folder(known, path)
  local folder = folder_of(path)
  if known.folders[folder] then return true end
  while folder ~= '' do
    folder = folder_of(folder)
    if folder ~= '' and known.folders[folder] then return true end
  end
  return false
end

-- Whether the bundler says that this name was made from the content.
local function says_so(root, path, prefix)
  if find(path, OWN, 'jo') then return true end
  if not M.looks_hashed(path) then return false end
  local known = evidence_of(root, prefix)
  if known.named[path] then return true end
  if not random(path) then return false end
  -- Nobody gives code such a name by hand. Pictures get many names, from cameras and editorial systems.
  return M.is_code(path) or in_folder(known, path)
end

-- Whether another release has another content by the same name. Then the name says nothing, whatever it looks like.
local function differs(roots, root, path)
  local own
  for _, other in ipairs(roots) do
    local text = other ~= root and files.read(other .. path, LARGEST)
    if text then
      own = own or files.read(root .. path, LARGEST)
      if text ~= own then return true end
    end
  end
  return false
end

-- Whether a file may be lent to pages of another release: its name is surely the bundler's, or it is code where the bundler
-- writes. What a person named is gone when it was deleted.
function M.may_lend(roots, root, path, prefix)
  if M.from_content(roots, root, path, prefix) then return true end
  return M.is_code(path) and M.looks_hashed(path) and in_folder(evidence_of(root, prefix), path)
end

-- Whether a file may be kept for ever. A release does not change, so the answer is kept.
function M.from_content(roots, root, path, prefix)
  local id = root .. '\0' .. prefix .. path .. '\0' .. #roots
  if judged[id] == nil then
    if count >= REMEMBERED then seen, judged, count = {}, {}, 0 end
    judged[id], count = says_so(root, path, prefix) and not differs(roots, root, path), count + 1
  end
  return judged[id]
end

return M
