(function(){
function bind(table,count,inputs,test){
var rows=Array.prototype.slice.call(table.tBodies[0].rows);
function run(){var shown=0;rows.forEach(function(r){var ok=test(r);r.style.display=ok?'':'none';if(ok)shown++;});count.textContent=shown+' of '+rows.length+' shown';}
inputs.forEach(function(i){i.addEventListener('input',run);i.addEventListener('change',run);});run();}
function el(id){return document.getElementById(id);}
function has(row,text){return !text||row.textContent.toLowerCase().indexOf(text.toLowerCase())>=0;}
if(el('at'))bind(el('at'),el('an'),[el('aq')],function(r){return has(r,el('aq').value);});
if(el('ft'))bind(el('ft'),el('fn'),[el('fq'),el('fv'),el('fr')],function(r){
return has(r,el('fq').value)&&(!el('fv').value||r.cells[0].textContent===el('fv').value)&&(!el('fr').value||r.getAttribute('data-r').indexOf('|'+el('fr').value+'|')>=0);});
Array.prototype.forEach.call(document.querySelectorAll('th[data-sort]'),function(th){th.addEventListener('click',function(){
var body=th.closest('table').tBodies[0],i=th.cellIndex,num=th.getAttribute('data-sort')==='n',down=th.getAttribute('data-down')!=='1';
th.setAttribute('data-down',down?'1':'0');
function key(r){var t=r.cells[i].textContent;return num?parseFloat(t.replace(/[^0-9.]/g,''))||0:t.toLowerCase();}
Array.prototype.slice.call(body.rows).sort(function(a,b){var x=key(a),y=key(b);return (x<y?-1:x>y?1:0)*(down===num?-1:1);}).forEach(function(r){body.appendChild(r);});});});
})();
