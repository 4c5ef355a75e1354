// Made from settings.schema.json by scripts/generate-validator.mjs: do not edit.
"use strict";
export const validate = validate34;
export default validate34;
const schema72 = {"$schema":"http://json-schema.org/draft-07/schema#","title":"vmfdag settings","description":"What belongs to a user or a machine rather than to a pipeline. Nothing here is in any key.","type":"object","additionalProperties":false,"properties":{"executors":{"description":"Where nodes are executed, other than by the workers of this machine: by name. One of the same name in a pipeline file is replaced.","$ref":"executors.schema.json#/definitions/executors"},"cache":{"description":"Where results are kept besides the cache of the project.","type":"object","additionalProperties":false,"properties":{"shared":{"description":"The shared cache: results that other machines have, and get.","type":"object","additionalProperties":false,"properties":{"url":{"title":"address of a shared cache","description":"https://HOST/PATH, s3://BUCKET/PREFIX or file:///FOLDER.","type":"string","pattern":"^(https?://|s3://|file:///).+$","examples":["https://cache.example.org/vmfdag"]},"mode":{"description":"read: take results and leave none; read-write (default): leave results too.","enum":["read","read-write"]},"key":{"title":"file of an Ed25519 key, or a list of them","description":"Files of Ed25519 keys, relative to this file. The first private one signs records; a record that none of them has signed is not used.","anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}],"examples":["~/.config/vmfdag/key.pem"]},"compress":{"description":"Whether blobs are stored by zstd where that makes them shorter: in buckets and folders. Needs Node 22.15 to write; default true.","type":"boolean"}}}}}}};
const schema27 = {"description":"Executors by name. Stages name one with `executor`, and a whole run with `--executor`. They are in no key.","type":"object","propertyNames":{"$ref":"#/definitions/executorName"},"additionalProperties":{"$ref":"#/definitions/executor"}};
const schema28 = {"title":"name of an executor (a letter, then letters, digits, _ and -; at most 100)","description":"The name of an executor; `local` stands for the workers of this machine.","type":"string","pattern":"^[A-Za-z][A-Za-z0-9_-]{0,99}$","examples":["gpu1","local"]};
const schema29 = {"title":"mapping","description":"Where and how nodes are executed: exactly one of exec, slurm and futures.","type":"object","additionalProperties":false,"properties":{"exec":{"title":"list of a program and its arguments","description":"The program and its arguments, without a shell. Jobs and bytes travel over its standard input and output.","type":"array","items":{"type":"string"},"minItems":1,"examples":[["ssh","gpu1","vmfdag","unit","-"]]},"slurm":{"title":"mapping","description":"Jobs of a SLURM cluster, each of which serves as one slot for as long as there is work. The commands of SLURM have to be on the PATH.","type":"object","additionalProperties":false,"properties":{"partition":{"title":"text","description":"--partition of sbatch.","type":"string","examples":["gpu"]},"account":{"title":"text","description":"--account of sbatch.","type":"string"},"time":{"title":"duration such as 45s, 30m or 1h30m","description":"The time limit of a job. Nodes that are executed when it ends are executed again. Default: that of the partition.","type":"string","examples":["4h"]},"arguments":{"title":"list of texts","description":"Further arguments of sbatch.","type":"array","items":{"type":"string"},"examples":[["--qos=low","--constraint=icelake"]]},"spool":{"title":"path of a folder","description":"A folder that all nodes of the cluster see, for messages and results. Default: .vmfdag next to the pipeline file.","type":"string","examples":["/scratch/me/vmfdag"]},"command":{"title":"list of a program and its arguments","description":"How vmfdag is started on a node of the cluster. Default: this Node and this vmfdag, by their paths.","type":"array","items":{"type":"string"},"minItems":1,"examples":[["npx","vmfdag"]]},"idle":{"title":"duration such as 45s, 30m or 1h30m","description":"A job without work ends after so long. Default 60s.","type":"string","examples":["60s"]},"poll":{"title":"duration such as 45s, 30m or 1h30m","description":"How often the scheduler is asked what has become of the jobs. Default 60s.","type":"string","examples":["60s"]}}},"futures":{"title":"module and function, such as vmfdag.executors:ray","description":"A Python function that gives an object with `submit`, as concurrent.futures has it: Parsl, Ray, Dask or another engine. It holds one unit a slot.","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$","examples":["vmfdag.executors:ray"]},"options":{"title":"mapping","description":"Keyword arguments of the function of `futures`.","type":"object"},"python":{"title":"list of a program and its arguments","description":"The Python of `futures`. Default: [python3].","type":"array","items":{"type":"string"},"minItems":1,"examples":[[".venv/bin/python"]]},"command":{"title":"list of a program and its arguments","description":"How the workers of `futures` start a unit. Default: this Node and this vmfdag, by their paths.","type":"array","items":{"type":"string"},"minItems":1,"examples":[["npx","vmfdag","unit","-"]]},"listen":{"title":"name or address of this machine, with a port or without","description":"Where the workers of `futures` reach the run. Default: 127.0.0.1 for an engine on this machine, else the address of this machine on its default route, and any port.","type":"string","pattern":"^[^\\s:]+(:[0-9]{1,5})?$","examples":["10.0.0.5","login1:40000"]},"slots":{"title":"whole number","description":"How many units run at the same time; each executes one node at a time. Default 1.","type":"integer","minimum":1,"maximum":1000,"examples":[2]},"units":{"title":"mapping","description":"How much work is sent ahead.","type":"object","additionalProperties":false,"properties":{"target":{"title":"duration such as 45s, 30m or 1h30m","description":"So much work is on its way to a slot, by the measured times of the stages: short nodes, the next steps of a chain, or one long node. Default 2s; 20s for slurm.","type":"string","examples":["2s","60s"]}}}}};
const pattern0 = new RegExp("^[A-Za-z][A-Za-z0-9_-]{0,99}$", "u");
const pattern15 = new RegExp("^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$", "u");
const pattern16 = new RegExp("^[^\\s:]+(:[0-9]{1,5})?$", "u");
const func2 = Object.prototype.hasOwnProperty;

function validate35(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern0.test(key0)){
const err0 = {instancePath,schemaPath:"#/definitions/executorName/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema28,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/definitions/executorName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema28.type,parentSchema:schema28,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var valid0 = _errs1 === errors;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid",schema:schema27.propertyNames,parentSchema:schema27,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
for(const key1 in data){
let data0 = data[key1];
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key2 in data0){
if(!(func2.call(schema29.properties, key2))){
const err3 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/executor/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema29,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data0.exec !== undefined){
let data1 = data0.exec;
if(Array.isArray(data1)){
if(data1.length < 1){
const err4 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/exec",schemaPath:"#/definitions/executor/properties/exec/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.exec,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
let data2 = data1[i0];
if(typeof data2 !== "string"){
const err5 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/exec/" + i0,schemaPath:"#/definitions/executor/properties/exec/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.exec.items.type,parentSchema:schema29.properties.exec.items,data:data2};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/exec",schemaPath:"#/definitions/executor/properties/exec/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.exec.type,parentSchema:schema29.properties.exec,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data0.slurm !== undefined){
let data3 = data0.slurm;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key3 in data3){
if(!((((((((key3 === "partition") || (key3 === "account")) || (key3 === "time")) || (key3 === "arguments")) || (key3 === "spool")) || (key3 === "command")) || (key3 === "idle")) || (key3 === "poll"))){
const err7 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm",schemaPath:"#/definitions/executor/properties/slurm/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema29.properties.slurm,data:data3};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data3.partition !== undefined){
let data4 = data3.partition;
if(typeof data4 !== "string"){
const err8 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/partition",schemaPath:"#/definitions/executor/properties/slurm/properties/partition/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.partition.type,parentSchema:schema29.properties.slurm.properties.partition,data:data4};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data3.account !== undefined){
let data5 = data3.account;
if(typeof data5 !== "string"){
const err9 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/account",schemaPath:"#/definitions/executor/properties/slurm/properties/account/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.account.type,parentSchema:schema29.properties.slurm.properties.account,data:data5};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data3.time !== undefined){
let data6 = data3.time;
if(typeof data6 !== "string"){
const err10 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/time",schemaPath:"#/definitions/executor/properties/slurm/properties/time/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.time.type,parentSchema:schema29.properties.slurm.properties.time,data:data6};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data3.arguments !== undefined){
let data7 = data3.arguments;
if(Array.isArray(data7)){
const len1 = data7.length;
for(let i1=0; i1<len1; i1++){
let data8 = data7[i1];
if(typeof data8 !== "string"){
const err11 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/arguments/" + i1,schemaPath:"#/definitions/executor/properties/slurm/properties/arguments/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.arguments.items.type,parentSchema:schema29.properties.slurm.properties.arguments.items,data:data8};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
else {
const err12 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/arguments",schemaPath:"#/definitions/executor/properties/slurm/properties/arguments/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.slurm.properties.arguments.type,parentSchema:schema29.properties.slurm.properties.arguments,data:data7};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data3.spool !== undefined){
let data9 = data3.spool;
if(typeof data9 !== "string"){
const err13 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/spool",schemaPath:"#/definitions/executor/properties/slurm/properties/spool/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.spool.type,parentSchema:schema29.properties.slurm.properties.spool,data:data9};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data3.command !== undefined){
let data10 = data3.command;
if(Array.isArray(data10)){
if(data10.length < 1){
const err14 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/command",schemaPath:"#/definitions/executor/properties/slurm/properties/command/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.slurm.properties.command,data:data10};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
let data11 = data10[i2];
if(typeof data11 !== "string"){
const err15 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/command/" + i2,schemaPath:"#/definitions/executor/properties/slurm/properties/command/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.command.items.type,parentSchema:schema29.properties.slurm.properties.command.items,data:data11};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
else {
const err16 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/command",schemaPath:"#/definitions/executor/properties/slurm/properties/command/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.slurm.properties.command.type,parentSchema:schema29.properties.slurm.properties.command,data:data10};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data3.idle !== undefined){
let data12 = data3.idle;
if(typeof data12 !== "string"){
const err17 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/idle",schemaPath:"#/definitions/executor/properties/slurm/properties/idle/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.idle.type,parentSchema:schema29.properties.slurm.properties.idle,data:data12};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data3.poll !== undefined){
let data13 = data3.poll;
if(typeof data13 !== "string"){
const err18 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm/poll",schemaPath:"#/definitions/executor/properties/slurm/properties/poll/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.slurm.properties.poll.type,parentSchema:schema29.properties.slurm.properties.poll,data:data13};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
}
else {
const err19 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slurm",schemaPath:"#/definitions/executor/properties/slurm/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.properties.slurm.type,parentSchema:schema29.properties.slurm,data:data3};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data0.futures !== undefined){
let data14 = data0.futures;
if(typeof data14 === "string"){
if(!pattern15.test(data14)){
const err20 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/futures",schemaPath:"#/definitions/executor/properties/futures/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$",parentSchema:schema29.properties.futures,data:data14};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/futures",schemaPath:"#/definitions/executor/properties/futures/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.futures.type,parentSchema:schema29.properties.futures,data:data14};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data0.options !== undefined){
let data15 = data0.options;
if(!(data15 && typeof data15 == "object" && !Array.isArray(data15))){
const err22 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/options",schemaPath:"#/definitions/executor/properties/options/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.properties.options.type,parentSchema:schema29.properties.options,data:data15};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data0.python !== undefined){
let data16 = data0.python;
if(Array.isArray(data16)){
if(data16.length < 1){
const err23 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/python",schemaPath:"#/definitions/executor/properties/python/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.python,data:data16};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
const len3 = data16.length;
for(let i3=0; i3<len3; i3++){
let data17 = data16[i3];
if(typeof data17 !== "string"){
const err24 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/python/" + i3,schemaPath:"#/definitions/executor/properties/python/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.python.items.type,parentSchema:schema29.properties.python.items,data:data17};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
else {
const err25 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/python",schemaPath:"#/definitions/executor/properties/python/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.python.type,parentSchema:schema29.properties.python,data:data16};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data0.command !== undefined){
let data18 = data0.command;
if(Array.isArray(data18)){
if(data18.length < 1){
const err26 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/command",schemaPath:"#/definitions/executor/properties/command/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.command,data:data18};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
const len4 = data18.length;
for(let i4=0; i4<len4; i4++){
let data19 = data18[i4];
if(typeof data19 !== "string"){
const err27 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/command/" + i4,schemaPath:"#/definitions/executor/properties/command/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.command.items.type,parentSchema:schema29.properties.command.items,data:data19};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
else {
const err28 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/command",schemaPath:"#/definitions/executor/properties/command/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.command.type,parentSchema:schema29.properties.command,data:data18};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
if(data0.listen !== undefined){
let data20 = data0.listen;
if(typeof data20 === "string"){
if(!pattern16.test(data20)){
const err29 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/listen",schemaPath:"#/definitions/executor/properties/listen/pattern",keyword:"pattern",params:{pattern: "^[^\\s:]+(:[0-9]{1,5})?$"},message:"must match pattern \""+"^[^\\s:]+(:[0-9]{1,5})?$"+"\"",schema:"^[^\\s:]+(:[0-9]{1,5})?$",parentSchema:schema29.properties.listen,data:data20};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
else {
const err30 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/listen",schemaPath:"#/definitions/executor/properties/listen/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.listen.type,parentSchema:schema29.properties.listen,data:data20};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data0.slots !== undefined){
let data21 = data0.slots;
if(!(((typeof data21 == "number") && (!(data21 % 1) && !isNaN(data21))) && (isFinite(data21)))){
const err31 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slots",schemaPath:"#/definitions/executor/properties/slots/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema29.properties.slots.type,parentSchema:schema29.properties.slots,data:data21};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
if((typeof data21 == "number") && (isFinite(data21))){
if(data21 > 1000 || isNaN(data21)){
const err32 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slots",schemaPath:"#/definitions/executor/properties/slots/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema29.properties.slots,data:data21};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
if(data21 < 1 || isNaN(data21)){
const err33 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/slots",schemaPath:"#/definitions/executor/properties/slots/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema29.properties.slots,data:data21};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
}
if(data0.units !== undefined){
let data22 = data0.units;
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
for(const key4 in data22){
if(!(key4 === "target")){
const err34 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/units",schemaPath:"#/definitions/executor/properties/units/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema29.properties.units,data:data22};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data22.target !== undefined){
let data23 = data22.target;
if(typeof data23 !== "string"){
const err35 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/units/target",schemaPath:"#/definitions/executor/properties/units/properties/target/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.units.properties.target.type,parentSchema:schema29.properties.units.properties.target,data:data23};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
}
else {
const err36 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/units",schemaPath:"#/definitions/executor/properties/units/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.properties.units.type,parentSchema:schema29.properties.units,data:data22};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
}
else {
const err37 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/executor/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.type,parentSchema:schema29,data:data0};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
}
else {
const err38 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema27.type,parentSchema:schema27,data};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
validate35.errors = vErrors;
return errors === 0;
}

const pattern73 = new RegExp("^(https?://|s3://|file:///).+$", "u");

function validate34(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "executors") || (key0 === "cache"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema72,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.executors !== undefined){
if(!(validate35(data.executors, {instancePath:instancePath+"/executors",parentData:data,parentDataProperty:"executors",rootData}))){
vErrors = vErrors === null ? validate35.errors : vErrors.concat(validate35.errors);
errors = vErrors.length;
}
}
if(data.cache !== undefined){
let data1 = data.cache;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!(key1 === "shared")){
const err1 = {instancePath:instancePath+"/cache",schemaPath:"#/properties/cache/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema72.properties.cache,data:data1};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data1.shared !== undefined){
let data2 = data1.shared;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key2 in data2){
if(!((((key2 === "url") || (key2 === "mode")) || (key2 === "key")) || (key2 === "compress"))){
const err2 = {instancePath:instancePath+"/cache/shared",schemaPath:"#/properties/cache/properties/shared/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema72.properties.cache.properties.shared,data:data2};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data2.url !== undefined){
let data3 = data2.url;
if(typeof data3 === "string"){
if(!pattern73.test(data3)){
const err3 = {instancePath:instancePath+"/cache/shared/url",schemaPath:"#/properties/cache/properties/shared/properties/url/pattern",keyword:"pattern",params:{pattern: "^(https?://|s3://|file:///).+$"},message:"must match pattern \""+"^(https?://|s3://|file:///).+$"+"\"",schema:"^(https?://|s3://|file:///).+$",parentSchema:schema72.properties.cache.properties.shared.properties.url,data:data3};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/cache/shared/url",schemaPath:"#/properties/cache/properties/shared/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema72.properties.cache.properties.shared.properties.url.type,parentSchema:schema72.properties.cache.properties.shared.properties.url,data:data3};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data2.mode !== undefined){
let data4 = data2.mode;
if(!((data4 === "read") || (data4 === "read-write"))){
const err5 = {instancePath:instancePath+"/cache/shared/mode",schemaPath:"#/properties/cache/properties/shared/properties/mode/enum",keyword:"enum",params:{allowedValues: schema72.properties.cache.properties.shared.properties.mode.enum},message:"must be equal to one of the allowed values",schema:schema72.properties.cache.properties.shared.properties.mode.enum,parentSchema:schema72.properties.cache.properties.shared.properties.mode,data:data4};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data2.key !== undefined){
let data5 = data2.key;
const _errs13 = errors;
let valid3 = false;
const _errs14 = errors;
if(typeof data5 !== "string"){
const err6 = {instancePath:instancePath+"/cache/shared/key",schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema72.properties.cache.properties.shared.properties.key.anyOf[0].type,parentSchema:schema72.properties.cache.properties.shared.properties.key.anyOf[0],data:data5};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
var _valid0 = _errs14 === errors;
valid3 = valid3 || _valid0;
if(!valid3){
const _errs16 = errors;
if(Array.isArray(data5)){
const len0 = data5.length;
for(let i0=0; i0<len0; i0++){
let data6 = data5[i0];
if(typeof data6 !== "string"){
const err7 = {instancePath:instancePath+"/cache/shared/key/" + i0,schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf/1/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema72.properties.cache.properties.shared.properties.key.anyOf[1].items.type,parentSchema:schema72.properties.cache.properties.shared.properties.key.anyOf[1].items,data:data6};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
else {
const err8 = {instancePath:instancePath+"/cache/shared/key",schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf/1/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema72.properties.cache.properties.shared.properties.key.anyOf[1].type,parentSchema:schema72.properties.cache.properties.shared.properties.key.anyOf[1],data:data5};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
var _valid0 = _errs16 === errors;
valid3 = valid3 || _valid0;
}
if(!valid3){
const err9 = {instancePath:instancePath+"/cache/shared/key",schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf",schema:schema72.properties.cache.properties.shared.properties.key.anyOf,parentSchema:schema72.properties.cache.properties.shared.properties.key,data:data5};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
else {
errors = _errs13;
if(vErrors !== null){
if(_errs13){
vErrors.length = _errs13;
}
else {
vErrors = null;
}
}
}
}
if(data2.compress !== undefined){
let data7 = data2.compress;
if(typeof data7 !== "boolean"){
const err10 = {instancePath:instancePath+"/cache/shared/compress",schemaPath:"#/properties/cache/properties/shared/properties/compress/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema72.properties.cache.properties.shared.properties.compress.type,parentSchema:schema72.properties.cache.properties.shared.properties.compress,data:data7};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/cache/shared",schemaPath:"#/properties/cache/properties/shared/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema72.properties.cache.properties.shared.type,parentSchema:schema72.properties.cache.properties.shared,data:data2};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
else {
const err12 = {instancePath:instancePath+"/cache",schemaPath:"#/properties/cache/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema72.properties.cache.type,parentSchema:schema72.properties.cache,data:data1};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema72.type,parentSchema:schema72,data};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
validate34.errors = vErrors;
return errors === 0;
}

