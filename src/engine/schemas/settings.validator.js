// Made from settings.schema.json by scripts/generate-validator.mjs: do not edit.
"use strict";
export const validate = validate26;
export default validate26;
const schema59 = {"$schema":"http://json-schema.org/draft-07/schema#","title":"vmfdag settings","description":"What belongs to a user or a machine rather than to a pipeline. Nothing here is in any key.","type":"object","additionalProperties":false,"properties":{"cache":{"description":"Where results are kept besides the cache of the project.","type":"object","additionalProperties":false,"properties":{"shared":{"description":"The shared cache: results that other machines have, and get.","type":"object","additionalProperties":false,"properties":{"url":{"title":"address of a shared cache","description":"https://HOST/PATH, s3://BUCKET/PREFIX or file:///FOLDER.","type":"string","pattern":"^(https?://|s3://|file:///).+$","examples":["https://cache.example.org/vmfdag"]},"mode":{"description":"read: take results and leave none; read-write (default): leave results too.","enum":["read","read-write"]},"key":{"title":"file of an Ed25519 key, or a list of them","description":"Files of Ed25519 keys, relative to this file. The first private one signs records; a record that none of them has signed is not used.","anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}],"examples":["~/.config/vmfdag/key.pem"]},"compress":{"description":"Whether blobs are stored by zstd where that makes them shorter: in buckets and folders. Needs Node 22.15 to write; default true.","type":"boolean"}}}}}}};
const pattern56 = new RegExp("^(https?://|s3://|file:///).+$", "u");

function validate26(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "cache")){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema59,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.cache !== undefined){
let data0 = data.cache;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(!(key1 === "shared")){
const err1 = {instancePath:instancePath+"/cache",schemaPath:"#/properties/cache/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema59.properties.cache,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data0.shared !== undefined){
let data1 = data0.shared;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key2 in data1){
if(!((((key2 === "url") || (key2 === "mode")) || (key2 === "key")) || (key2 === "compress"))){
const err2 = {instancePath:instancePath+"/cache/shared",schemaPath:"#/properties/cache/properties/shared/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema59.properties.cache.properties.shared,data:data1};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data1.url !== undefined){
let data2 = data1.url;
if(typeof data2 === "string"){
if(!pattern56.test(data2)){
const err3 = {instancePath:instancePath+"/cache/shared/url",schemaPath:"#/properties/cache/properties/shared/properties/url/pattern",keyword:"pattern",params:{pattern: "^(https?://|s3://|file:///).+$"},message:"must match pattern \""+"^(https?://|s3://|file:///).+$"+"\"",schema:"^(https?://|s3://|file:///).+$",parentSchema:schema59.properties.cache.properties.shared.properties.url,data:data2};
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
const err4 = {instancePath:instancePath+"/cache/shared/url",schemaPath:"#/properties/cache/properties/shared/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.cache.properties.shared.properties.url.type,parentSchema:schema59.properties.cache.properties.shared.properties.url,data:data2};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data1.mode !== undefined){
let data3 = data1.mode;
if(!((data3 === "read") || (data3 === "read-write"))){
const err5 = {instancePath:instancePath+"/cache/shared/mode",schemaPath:"#/properties/cache/properties/shared/properties/mode/enum",keyword:"enum",params:{allowedValues: schema59.properties.cache.properties.shared.properties.mode.enum},message:"must be equal to one of the allowed values",schema:schema59.properties.cache.properties.shared.properties.mode.enum,parentSchema:schema59.properties.cache.properties.shared.properties.mode,data:data3};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data1.key !== undefined){
let data4 = data1.key;
const _errs12 = errors;
let valid3 = false;
const _errs13 = errors;
if(typeof data4 !== "string"){
const err6 = {instancePath:instancePath+"/cache/shared/key",schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.cache.properties.shared.properties.key.anyOf[0].type,parentSchema:schema59.properties.cache.properties.shared.properties.key.anyOf[0],data:data4};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
var _valid0 = _errs13 === errors;
valid3 = valid3 || _valid0;
if(!valid3){
const _errs15 = errors;
if(Array.isArray(data4)){
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
if(typeof data5 !== "string"){
const err7 = {instancePath:instancePath+"/cache/shared/key/" + i0,schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf/1/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.cache.properties.shared.properties.key.anyOf[1].items.type,parentSchema:schema59.properties.cache.properties.shared.properties.key.anyOf[1].items,data:data5};
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
const err8 = {instancePath:instancePath+"/cache/shared/key",schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf/1/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema59.properties.cache.properties.shared.properties.key.anyOf[1].type,parentSchema:schema59.properties.cache.properties.shared.properties.key.anyOf[1],data:data4};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
var _valid0 = _errs15 === errors;
valid3 = valid3 || _valid0;
}
if(!valid3){
const err9 = {instancePath:instancePath+"/cache/shared/key",schemaPath:"#/properties/cache/properties/shared/properties/key/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf",schema:schema59.properties.cache.properties.shared.properties.key.anyOf,parentSchema:schema59.properties.cache.properties.shared.properties.key,data:data4};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
else {
errors = _errs12;
if(vErrors !== null){
if(_errs12){
vErrors.length = _errs12;
}
else {
vErrors = null;
}
}
}
}
if(data1.compress !== undefined){
let data6 = data1.compress;
if(typeof data6 !== "boolean"){
const err10 = {instancePath:instancePath+"/cache/shared/compress",schemaPath:"#/properties/cache/properties/shared/properties/compress/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema59.properties.cache.properties.shared.properties.compress.type,parentSchema:schema59.properties.cache.properties.shared.properties.compress,data:data6};
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
const err11 = {instancePath:instancePath+"/cache/shared",schemaPath:"#/properties/cache/properties/shared/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema59.properties.cache.properties.shared.type,parentSchema:schema59.properties.cache.properties.shared,data:data1};
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
const err12 = {instancePath:instancePath+"/cache",schemaPath:"#/properties/cache/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema59.properties.cache.type,parentSchema:schema59.properties.cache,data:data0};
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
const err13 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema59.type,parentSchema:schema59,data};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
validate26.errors = vErrors;
return errors === 0;
}

