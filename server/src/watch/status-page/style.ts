/** The style of a status page. It stands in the page, because the page asks for nothing else. */
export const STYLE = `
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--line:#e3e6eb;--ink:#14181f;--soft:#545d6b;
--good:#0f6d48;--good-bar:#2fb67f;--warn:#7d4f00;--warn-bar:#e0a21b;--bad:#b3261e;--bad-bar:#dd4a41;--part:#a13f0b;--part-bar:#ee8240;
--busy:#2259c7;--busy-bar:#5b8def;--none:#545d6b;--none-bar:#d4d9e0;--link:#1d55c4}
@media(prefers-color-scheme:dark){:root{--back:#0e1116;--card:#171b22;--line:#2a303a;--ink:#e8ebf0;--soft:#a0a9b6;
--good:#4cc790;--good-bar:#35a876;--warn:#e9b949;--warn-bar:#d19a1f;--bad:#ff8078;--bad-bar:#e05248;--part:#ff9f66;--part-bar:#e57a3a;
--busy:#86b0ff;--busy-bar:#4f82e8;--none:#a0a9b6;--none-bar:#3a414d;--link:#8ab4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%}
main,header,footer{max-width:54rem;margin:0 auto;padding:0 1rem}
header{padding-top:2.2rem}
h1{font-size:1.15rem;margin:0 0 1.1rem;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:2.6rem 0 .8rem;font-weight:650}
h3{font-size:1rem;margin:0;font-weight:600}
p{margin:0}a{color:var(--link);text-underline-offset:.15em}
.soft{color:var(--soft);font-size:.875rem}
.banner{display:flex;gap:.9rem;align-items:center;border-radius:.9rem;padding:1.15rem 1.25rem;background:var(--card);
border:1px solid var(--line);border-left:.4rem solid var(--bar);
background:color-mix(in srgb,var(--bar) 13%,var(--card));border-color:color-mix(in srgb,var(--bar) 35%,var(--line));border-left-color:var(--bar)}
.banner .soft{color:var(--ink)}
.banner strong{display:block;font-size:1.3rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;color:var(--text)}
.banner svg{flex:none;width:2.2rem;height:2.2rem;color:var(--bar)}
.old{display:none;margin-bottom:.9rem;border-left-color:var(--warn-bar)}
.stale .old{display:block}.stale .now{display:none}
.operational{--bar:var(--good-bar);--text:var(--good)}.degraded{--bar:var(--warn-bar);--text:var(--warn)}
.partial{--bar:var(--part-bar);--text:var(--part)}.major{--bar:var(--bad-bar);--text:var(--bad)}
.maintenance{--bar:var(--busy-bar);--text:var(--busy)}.unknown{--bar:var(--none-bar);--text:var(--none)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.9rem}
.card+.card{margin-top:.9rem}
.component{padding:1.1rem 1.25rem}.component+.component{border-top:1px solid var(--line)}
.row{display:flex;justify-content:space-between;gap:.3rem 1rem;align-items:baseline;flex-wrap:wrap}
.row h3{overflow-wrap:anywhere;min-width:0}
.state{color:var(--text);font-size:.9rem;font-weight:550;white-space:nowrap}
.days{display:flex;gap:2px;height:2.1rem;margin:.7rem 0 .45rem;padding:0;list-style:none;align-items:flex-end}
.days li{flex:1 1 0;min-width:0;height:100%;position:relative;display:flex;align-items:flex-end}
.days i{display:block;width:100%;height:100%;border-radius:2px;background:var(--bar)}
.days .part i{height:55%}
.days li:hover i{opacity:.7}
.days span{position:absolute;bottom:calc(100% + .5rem);left:50%;transform:translateX(-50%);z-index:2;display:none;width:max-content;
max-width:15rem;padding:.45rem .65rem;border-radius:.5rem;background:var(--ink);color:var(--back);font-size:.8rem;line-height:1.4;
white-space:pre-line;pointer-events:none}
.days li:hover span{display:block}
.days li:nth-child(-n+12) span{left:0;transform:none}.days li:nth-last-child(-n+12) span{left:auto;right:0;transform:none}
.scale{display:flex;align-items:center;gap:.7rem;white-space:nowrap;color:var(--soft);font-size:.8rem}
.scale::before,.scale::after{content:"";flex:1;height:1px;background:var(--line)}
.scale b{font-weight:550;color:var(--ink)}.scale :first-child{order:-1}.scale :last-child{order:1}
.scale .short{display:none}
details{margin-top:.5rem;font-size:.875rem}summary{cursor:pointer;color:var(--soft)}
details ul{margin:.4rem 0 0;padding-left:1.1rem;color:var(--soft)}
.story{padding:1.1rem 1.25rem;border-left:.4rem solid var(--bar)}
.story h3{color:var(--text);overflow-wrap:anywhere}
.story ol{list-style:none;margin:.9rem 0 0;padding:0;display:grid;gap:.9rem}
.story .told-of{border-left:2px solid var(--line);padding-left:1rem;margin-left:.3rem}
.told-of li{position:relative}
.told-of li::before{content:"";position:absolute;left:-1.38rem;top:.45rem;width:.6rem;height:.6rem;border-radius:50%;
background:var(--line);border:2px solid var(--card)}
.told-of li:first-child::before{background:var(--bar)}.over .told-of li:first-child::before{background:var(--good-bar)}
.story li p{white-space:pre-line;overflow-wrap:anywhere}
.over{border-left-color:var(--line)}.over h3{color:inherit}
.day{padding:.9rem 0;border-top:1px solid var(--line)}.day>h3{margin-bottom:.6rem}.day .card{margin-top:.7rem}
form{display:flex;gap:.6rem;flex-wrap:wrap;margin-top:.8rem}
label{flex:1 1 100%;font-size:.875rem;color:var(--soft)}
input{flex:1 1 14rem;min-width:0;font:inherit;padding:.6rem .8rem;border-radius:.6rem;border:1px solid #8a93a1;background:var(--back);color:var(--ink)}
button{font:inherit;font-weight:600;padding:.6rem 1.1rem;border-radius:.6rem;border:0;background:var(--ink);color:var(--back);cursor:pointer}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.told{padding:1.1rem 1.25rem}
footer{padding-top:2rem;padding-bottom:3rem;color:var(--soft);font-size:.85rem;display:grid;gap:.3rem}
@media(max-width:40rem){header{padding-top:1.4rem}.days li:nth-child(-n+60){display:none}
.days li:nth-child(n+61):nth-child(-n+72) span{left:0;transform:none}
.scale .short{display:inline}.scale .long{display:none}.banner{padding:1rem}.banner strong{font-size:1.15rem}
.component,.story,.told{padding:1rem}form button{flex:1 1 100%}}
@media(forced-colors:active){.days i,.banner,.story{forced-color-adjust:none}}
`

/** After so many milliseconds without a new page nobody keeps it up to date. */
export const STALE_MS = 5 * 60_000

/**
 * What the page says of itself when nobody writes it any more, and times as the reader's clock shows them. Without it the
 * page says when it was written. It is read again while nobody types.
 */
export const SCRIPT = `(function(){var d=document,r=d.documentElement,w=Date.parse(r.dataset.written);
function look(){if(Date.now()-w>${STALE_MS})r.classList.add('stale')}
look();setInterval(look,5e3);
setInterval(function(){var f=d.querySelector('input');if(!d.hidden&&!(f&&(f.value||f===d.activeElement))&&!d.querySelector('details[open]'))location.reload()},6e4);
[].forEach.call(d.querySelectorAll('time[datetime*=T]'),function(t){var a=new Date(t.dateTime);
t.title=t.textContent;t.textContent=a.toLocaleString([],{dateStyle:'medium',timeStyle:'short'})})})()`
