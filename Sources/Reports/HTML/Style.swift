/// How reports look: calm, on any width, in light and in dark.
///
/// Colours of text have a contrast of 4.5 or more to what they stand on.
enum Style {
  static let sheet = """
    :root{color-scheme:light dark;--paper:#f7f6f3;--card:#fff;--ink:#1f2023;--soft:#63656b;
    --line:#e5e2dc;--wash:#f1efea;--good:#1f7a4c;--warn:#8a5a00;--warnwash:#fdf3dc;
    --c0:#2463a6;--c1:#bf5a1b;--c2:#2c8558;--c3:#8549b8;--c4:#b5305f;--c5:#6c6a14;--c6:#12808a;
    --c7:#7b5b3f}
    @media(prefers-color-scheme:dark){:root{--paper:#141518;--card:#1c1e22;--ink:#e7e5e1;
    --soft:#a3a6ad;--line:#30333a;--wash:#24272c;--good:#6fcf9c;--warn:#e8bf66;--warnwash:#322a17;
    --c0:#74aff0;--c1:#f09a62;--c2:#6fca98;--c3:#c29af0;--c4:#f0839f;--c5:#c9c76a;--c6:#62cad4;
    --c7:#cbaa8a}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);
    font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
    font-variant-numeric:tabular-nums}
    main{max-width:70rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
    h1{font-size:1.9rem;line-height:1.2;margin:0;letter-spacing:-.015em;overflow-wrap:anywhere}
    h2{font-size:1.15rem;margin:2.75rem 0 .9rem;letter-spacing:-.005em}
    h3{font-size:.95rem;margin:1.5rem 0 .6rem}
    h2+h3{margin-top:0}
    p{margin:.4rem 0}
    .lead,.note{color:var(--soft)}
    .lead{margin:.5rem 0 0;max-width:46rem;overflow-wrap:anywhere}
    .note{font-size:.875rem}
    .status{display:inline-block;font-size:.8rem;font-weight:600;margin:0 0 .7rem;padding:.1rem .65rem;
    border-radius:1rem;background:var(--wash);color:var(--soft)}
    .status.done{color:var(--good)}
    .remarks{margin:1.25rem 0 0;padding:.75rem 1rem .75rem 2rem;border-radius:.6rem;
    background:var(--warnwash);color:var(--warn);font-size:.9rem;overflow-wrap:anywhere}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;
    margin:1.75rem 0 0;padding:0}
    .tiles div,.chart,.panel{background:var(--card);border:1px solid var(--line);border-radius:.75rem}
    .tiles div{padding:.8rem 1rem}
    .tiles dt{font-size:.8rem;color:var(--soft)}
    .tiles dd{margin:.1rem 0 0;font-size:1.3rem;font-weight:600;letter-spacing:-.01em;line-height:1.3}
    .tiles dd small{display:block;font-size:.8rem;font-weight:400;color:var(--soft);letter-spacing:0}
    .grid2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:.75rem}
    .grid2+.scroll,.scroll+.grid2,.note+.grid2,.grid2+.grid2{margin-top:.75rem}
    .chart{margin:0;padding:.9rem 1rem 1rem;min-width:0}
    .panel{padding:.35rem 1rem;margin:0}
    figcaption{display:flex;justify-content:space-between;gap:1rem;align-items:baseline;
    font-size:.9rem;margin:0 0 .8rem}
    figcaption span{font-weight:600}
    figcaption b{font-weight:400;color:var(--soft);text-align:right}
    .plot{display:grid;grid-template-columns:auto minmax(0,1fr);column-gap:.6rem}
    .ys{position:relative;font-size:.75rem;color:var(--soft);text-align:right}
    .ys span{position:absolute;right:0;transform:translateY(50%);white-space:nowrap;line-height:1}
    .ys .widest{position:static;visibility:hidden}
    .area{position:relative;height:11rem}
    .area svg{display:block;width:100%;height:100%;overflow:visible}
    .xs{grid-column:2;position:relative;height:1.1rem;margin-top:.4rem;font-size:.75rem;
    color:var(--soft)}
    .xs span{position:absolute;transform:translateX(-50%);white-space:nowrap}
    .grid{stroke:var(--line);fill:none;vector-effect:non-scaling-stroke}
    .line{fill:none;stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round;
    vector-effect:non-scaling-stroke}
    .faint{opacity:.3;stroke-width:1.1}
    .hits rect{fill:var(--ink);opacity:0}
    .hits rect:hover{opacity:.07}
    .dot{position:absolute;width:.7rem;height:.7rem;margin:0 0 -.35rem -.35rem;border-radius:50%;
    border:2px solid var(--card)}
    .bars{display:flex;align-items:flex-end;gap:1px;height:8rem;border-bottom:1px solid var(--line)}
    .bars i{flex:1 1 0;min-width:0;min-height:1px;background:var(--c0);border-radius:2px 2px 0 0}
    .bars i:hover{filter:brightness(1.25)}
    .ends{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft);
    margin-top:.35rem}
    .share{display:flex;height:1.5rem;border-radius:.4rem;overflow:hidden;gap:1px}
    .share i{flex:0 1 0;min-width:1px}
    .legend{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;margin:.9rem 0 0;padding:0;list-style:none;
    font-size:.9rem}
    .legend li{display:flex;align-items:center;gap:.5rem;min-width:0;overflow-wrap:anywhere}
    .legend.rows{display:block}
    .legend.rows li{padding:.2rem 0}
    .legend.rows span{flex:1}
    .legend.rows b{font-weight:400}
    .legend.rows em{font-style:normal;color:var(--soft);min-width:3.6rem;text-align:right}
    .swatch{flex:none;width:.8rem;height:.8rem;border-radius:.2rem}
    .c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}
    .c4{stroke:var(--c4)}.c5{stroke:var(--c5)}.c6{stroke:var(--c6)}.c7{stroke:var(--c7)}
    i.c0{background:var(--c0)}i.c1{background:var(--c1)}i.c2{background:var(--c2)}
    i.c3{background:var(--c3)}i.c4{background:var(--c4)}i.c5{background:var(--c5)}
    i.c6{background:var(--c6)}i.c7{background:var(--c7)}
    .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
    table{border-collapse:collapse;width:100%;font-size:.9rem}
    caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    th,td{padding:.45rem 1rem;text-align:right;white-space:nowrap;border-top:1px solid var(--line);
    vertical-align:top}
    thead th{border-top:0;font-size:.8rem;color:var(--soft);font-weight:600}
    tbody th{font-weight:400}
    th:first-child{text-align:left}
    .text th,.text td{text-align:left;white-space:normal;overflow-wrap:anywhere}
    .text tbody th{white-space:nowrap;color:var(--soft)}
    .text td{min-width:8rem}
    .best{font-weight:650;color:var(--good)}
    .chosen td{font-weight:600}
    .chosen th{color:var(--ink)}
    code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
    font-size:.85em}
    details{margin:.75rem 0 0}
    summary{cursor:pointer;font-size:.9rem;color:var(--soft);padding:.3rem 0}
    details[open] summary{margin-bottom:.5rem}
    a{color:inherit}
    :focus-visible{outline:2px solid var(--c0);outline-offset:2px}
    footer{margin:3.5rem 0 0;color:var(--soft);font-size:.8rem}
    @media(max-width:34rem){main{padding:1.5rem .9rem 3rem}h1{font-size:1.5rem}.tiles{gap:.5rem;
    grid-template-columns:repeat(2,1fr)}.tiles dd{font-size:1.1rem}th,td{padding:.4rem .7rem}
    .area{height:9rem}
    .stacked thead{display:none}.stacked tr,.stacked th,.stacked td{display:block}
    .stacked tr{border-top:1px solid var(--line);padding:.4rem 0}
    .stacked th,.stacked td{border:0;padding:.1rem .7rem}.stacked tbody th{font-size:.8rem}}
    @media(min-width:52rem){.grid2:has(>:nth-child(4):last-child){grid-template-columns:1fr 1fr}}
    @media print{body{background:#fff}.chart,.tiles div,.scroll{break-inside:avoid}}
    """
}
