// Made from pipeline.schema.json by scripts/generate-validator.mjs: do not edit.
"use strict";
export const validate = validate10;
export default validate10;
const schema11 = {"$schema":"http://json-schema.org/draft-07/schema#","title":"vmfdag pipeline","description":"A pipeline of stages: params, profiles that change them, stages that run on every combination of their coordinates, and targets.","type":"object","additionalProperties":false,"required":["version","name","stages"],"properties":{"version":{"description":"Version of this grammar. There is only 1.","const":1},"name":{"description":"Name of the pipeline, shown in reports.","$ref":"#/definitions/name"},"description":{"description":"What the pipeline is for.","$ref":"#/definitions/description"},"params":{"description":"Values that stages refer to by ${path.to.value}. Any tree; a value may refer to other params.","type":"object"},"profiles":{"description":"Overlays on params, chosen by --profile.","type":"object","propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/profile"}},"compute":{"description":"The package that answers with what stages compute that say `compute: true`, and the request to it.","type":"object","additionalProperties":false,"required":["provider"],"properties":{"provider":{"title":"name of an installed package","description":"The name of the package, for example tfjs-backend-onednn.","type":"string","pattern":"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$","examples":["tfjs-backend-onednn"]},"request":{"description":"The request to the provider; its documentation says in what form."}}},"axes":{"description":"Coordinates that stages share: `each: [architecture, seed]` names them. Later ones may depend on earlier ones.","type":"object","propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/coordinate"}},"sources":{"description":"Files that come from outside of the pipeline. An input names one as it names an output of a stage.","type":"object","propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/source"}},"executors":{"description":"Where nodes are executed, other than by the workers of this machine: by name, for `executor` of stages and `--executor`.","$ref":"executors.schema.json#/definitions/executors"},"stages":{"description":"The stages by name. Their order is the order of the plan wherever the inputs leave it free.","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/stage"}},"targets":{"description":"Names for sets of nodes, and the files that they publish.","type":"object","propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/target"}},"default":{"description":"The targets of a plain `vmfdag run`. Without it: all targets, or all stages where there are no targets.","$ref":"#/definitions/patterns"}},"definitions":{"name":{"title":"name (a letter, then letters, digits, _ and -; at most 100)","description":"A letter, then letters, digits, `_` and `-`; at most 100 characters.","type":"string","pattern":"^[A-Za-z][A-Za-z0-9_-]{0,99}$","examples":["train","batch-norm"]},"description":{"title":"description (text without control characters)","type":"string","pattern":"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$","examples":["what it computes"]},"reference":{"title":"reference","description":"A reference to a param or coordinate.","type":"string","pattern":"^\\$\\{.+\\}$","examples":["${seeds}","${architectures[architecture].epochs}"]},"patterns":{"title":"list of targets","description":"Targets, stages (all their nodes), nodes (`train/fnn/1/*`) or named coordinates (`train/architecture=fnn/epoch=3`).","type":"array","items":{"type":"string"}},"profile":{"type":"object","additionalProperties":false,"properties":{"description":{"description":"What the profile is for, and about how long it takes.","$ref":"#/definitions/description"},"default":{"description":"Use this profile when none is asked for.","type":"boolean"},"extends":{"description":"Another profile that is applied before this one.","$ref":"#/definitions/name"},"params":{"description":"Merged deeply onto params: mappings are merged, lists and scalars replace. Every key must exist in params.","type":"object"}}},"source":{"title":"mapping","description":"One file, some files, or an address with its digest.","type":"object","additionalProperties":false,"properties":{"description":{"description":"What the source holds.","$ref":"#/definitions/description"},"file":{"title":"path of a file","description":"The path of one file, relative to this file: an artefact of type `file`.","type":"string","examples":["data/images.idx","${data.directory}/images.idx"]},"files":{"title":"glob, or list of globs","description":"Globs of files, relative to this file: an artefact of type `directory`. Those that begin with `!` take files out.","type":["string","array"],"items":{"type":"string"},"examples":["data/**/*.csv"]},"url":{"title":"address","description":"The address of one file: an artefact of type `file`, downloaded when a node needs it.","type":"string","examples":["https://example.org/model.bin"]},"sha256":{"title":"digest of 64 hexadecimal digits","description":"The SHA-256 of the bytes at `url`.","type":"string"}}},"pathOfCommand":{"title":"relative path in the folder of the command","type":"string","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["data/raw.csv"]},"stage":{"type":"object","additionalProperties":false,"required":["outputs"],"properties":{"description":{"description":"What the stage does.","$ref":"#/definitions/description"},"run":{"title":"path of a module","description":"Path of the stage's module, relative to this file; `#name` picks a named export.","type":"string","pattern":"^[^#\\s\\u0000-\\u001f\\u007f-\\u009f]+\\.(ts|mts|js|mjs)(#[A-Za-z_$][\\w$]*)?$","examples":["stages/train.ts","stages/plot.ts#angles"]},"command":{"title":"list of arguments, or a script","description":"A program that the stage starts for each node: its arguments, or a script for `sh -ec`. `{inputs.x}` and `{outputs.y}` are paths, `${…}` refers to params and coordinates.","type":["array","string"],"items":{"title":"text, number, true or false","type":["string","number","boolean"]},"examples":["[python3, train.py, --data, \"{inputs.data}\", --out, \"{outputs.weights}\"]","sort {inputs.words} > {outputs.sorted}"]},"environment":{"description":"What provides the interpreter and the libraries of the command: a lock file, a container image or a root folder. Its digest, the interpreter's version and the platform are in the keys.","type":"object","additionalProperties":false,"properties":{"lock":{"title":"relative path inside the project","description":"uv.lock, requirements.txt with the version of each package, conda-lock.yml, pixi.lock or renv.lock.","type":"string","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["uv.lock","requirements.txt","conda-lock.yml"]},"interpreter":{"title":"path of a Python or an Rscript","description":"Of a requirements.txt: the Python that has these packages, by default the first python3 on PATH. Of a renv.lock: the Rscript, by default the first one on PATH.","type":"string","pattern":"/","examples":[".venv/bin/python"]},"prefix":{"title":"path of a folder","description":"Of a conda-lock.yml: the folder of its environment, absolute or relative to the pipeline file.","type":"string","pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":[".conda"]},"name":{"title":"name of an environment","description":"Of a conda-lock.yml: the name of its environment. Of a pixi.lock: which of its environments; by default the one of that name.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]*$","examples":["analysis"]},"image":{"title":"name of an image with its digest","description":"The container image in which the command runs, or the file of one (.sif) for apptainer.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$","examples":["tools@sha256:8f3a0c5e6b7d9142a3f4e5d6c7b8a9908172635445362718f9e8d7c6b5a49382"]},"with":{"title":"program that runs containers","description":"Of an image: what runs it. By default podman, or docker where there is no podman.","enum":["podman","docker","apptainer"]},"root":{"title":"path of a folder","description":"A folder that is the root of a file system, in which bubblewrap runs the command. Its content is in the keys.","type":"string","pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["rootfs"]}},"examples":["{lock: uv.lock}","{image: \"tools@sha256:8f3a0c5e6b7d9142a3f4e5d6c7b8a9908172635445362718f9e8d7c6b5a49382\"}"]},"code":{"title":"list of files, folders and globs","description":"Files of the project that the command needs. It finds them in its folder at the same paths. Their contents are in the keys.","type":"array","items":{"title":"relative path inside the project","description":"A file, a folder with all that is in it, or a glob.","type":"string","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["train.py","lib/**/*.py"]},"examples":["[train.py, lib]"]},"paths":{"title":"mapping of inputs, outputs and params","description":"Where the program of a command finds its inputs and params and leaves its outputs, if not where its arguments say.","type":"object","additionalProperties":false,"properties":{"inputs":{"title":"mapping of inputs to paths","description":"For each input, the path at which the program finds it.","type":"object","additionalProperties":{"$ref":"#/definitions/pathOfCommand"}},"outputs":{"title":"mapping of outputs to paths","description":"For each output, the path at which the program leaves it.","type":"object","additionalProperties":{"$ref":"#/definitions/pathOfCommand"}},"params":{"title":"path, or mapping of paths to params","description":"A JSON or YAML file that the program finds, with the params of the stage; or several, each with the name of the param that it holds.","type":["string","object"],"pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$","minProperties":1,"propertyNames":{"title":"relative path of a .json, .yaml or .yml file","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$"},"additionalProperties":{"title":"name of a param of the stage","type":"string"},"examples":["params.yaml"]}},"examples":["{inputs: {data: data/raw.csv}, outputs: {model: model.pkl}, params: params.yaml}"]},"each":{"title":"list of axes, or mapping","description":"The stage's coordinates: one node for every combination. A list of axes, or a mapping of names to values. Later ones may depend on earlier ones.","type":["array","object"],"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/coordinate"},"items":{"title":"name of an axis, or mapping of coordinates","description":"The name of an axis, or coordinates of the stage's own.","type":["string","object"],"pattern":"^[A-Za-z][A-Za-z0-9_-]{0,99}$","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/coordinate"},"examples":["seed","epoch: {from: 0, to: 5}"]},"examples":["[architecture, seed]","seed: \"${seeds}\""]},"scan":{"description":"Makes the stage a chain: one more coordinate, counted up, whose nodes read the outputs of the node before.","type":"object","required":["carry"],"minProperties":2,"maxProperties":2,"propertyNames":{"$ref":"#/definitions/name"},"properties":{"carry":{"description":"For each carried output: the reference to its value before the first step. The input of the same name is the output of the step before.","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/input"}}},"additionalProperties":{"title":"range of the scanned coordinate","description":"The scanned coordinate: whole numbers `from` (default 1) … `to`, both included; `checkpoints` are those that `retain: checkpoints` keeps.","type":"object","additionalProperties":false,"required":["to"],"properties":{"from":{"description":"The first value.","$ref":"#/definitions/integer"},"to":{"description":"The last value.","$ref":"#/definitions/integer"},"checkpoints":{"title":"list of whole numbers","description":"The values whose outputs are kept where the stage says `retain: checkpoints`: a list, or a reference to one. Values outside the range are ignored.","type":["array","string"],"pattern":"^\\$\\{.+\\}$","items":{"type":["integer","string"]},"examples":["${checkpoints}"]}}}},"compute":{"description":"Whether the compute backend, its version and its threads are part of the keys, and visible to the stage.","type":"boolean"},"params":{"description":"The params that the stage receives: everything that it can see of this file.","type":["object","string"],"title":"mapping or reference","pattern":"^\\$\\{.+\\}$","examples":["${architectures[architecture]}"]},"inputs":{"description":"Outputs of other stages, and sources, that the stage reads, by the names that its module gives them.","type":"object","propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/input"}},"outputs":{"description":"The outputs of the stage, and their types.","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/artefactType"}},"retain":{"title":"all, checkpoints or none; or a mapping of outputs to these","description":"Which outputs keep their bytes once no node of a run needs them any more; the others are restored when a node needs them. No part of the keys. Default: all.","type":["string","object"],"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/retention"},"examples":["checkpoints","none"]},"variables":{"title":"list of environment variables","description":"Environment variables that the stage may see. Their values are part of its keys.","type":"array","items":{"$ref":"#/definitions/variable"},"examples":["[DATA_ROOT]"]},"secrets":{"title":"list of environment variables","description":"Environment variables that the stage may see, in none of its keys; their values are masked in logs.","type":"array","items":{"$ref":"#/definitions/variable"},"examples":["[API_TOKEN]"]},"undeclared":{"description":"What happens when the stage opens a file of the project that is not declared: `refuse` (default) fails the node; `warn` and `ignore` let it read, and nothing runs again when the file changes; `strace` refuses what any program of a command opens, and needs strace.","enum":["refuse","warn","ignore","strace"]},"reproducible":{"description":"Whether the stage gives the same bytes each time that it is executed with the same key. Default true. With `false`, a restored node may give other bytes, and what depends on it runs again.","type":"boolean"},"resources":{"description":"What one node occupies while it runs.","type":"object","additionalProperties":false,"properties":{"threads":{"description":"Processor threads. Default 1.","minimum":1,"$ref":"#/definitions/integer"},"memory":{"title":"size","description":"Memory. Default 0, which reserves none.","type":"string","pattern":"^(\\$\\{.+\\}|\\d+(\\.\\d+)?\\s?([kMGT]i?)?B)$","examples":["512MB","1.5GiB"]},"gpus":{"description":"Graphics processors. Default 0.","minimum":0,"$ref":"#/definitions/integer"}}},"timeout":{"title":"duration","description":"Wall-clock limit of one attempt. Default: none.","type":"string","pattern":"^(\\$\\{.+\\}|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$","examples":["45s","30m","1h30m"]},"retries":{"title":"whole number, or mapping of causes","description":"Attempts after the first one, in all or by the cause of the failure. Default 0.","anyOf":[{"minimum":0,"$ref":"#/definitions/integer"},{"$ref":"#/definitions/retriesByCause"}],"examples":[2]},"stop":{"title":"rule, or list of rules","description":"When chains end before their last step, decided by metrics that their steps report. For stages with `scan`; it is in no key.","if":{"type":"array"},"then":{"type":"array","minItems":1,"items":{"$ref":"#/definitions/stopRule"}},"else":{"$ref":"#/definitions/stopRule"},"examples":["{metric: loss, best: min, patience: 3}"]},"executor":{"description":"The executor of the stage's nodes; `local` for the workers of this machine. It is in no key.","$ref":"executors.schema.json#/definitions/executorName"}}},"variable":{"title":"name of an environment variable (a letter or _, then letters, digits and _)","description":"Name of an environment variable.","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","examples":["DATA_ROOT"]},"coordinate":{"title":"list of coordinate values","description":"A list, a reference to a list, a reference to a mapping (then its keys), a range of whole numbers `{from: 0, to: 5}`, both included, or entries of a mapping `{of: \"${mapping}\", take: [name, \"*\"]}`. Over a mapping, `${name.part}` reads a part of the entry.","type":["array","string","object"],"pattern":"^\\$\\{.+\\}$","items":{"type":["string","number","boolean"]},"if":{"type":"object","anyOf":[{"required":["of"]},{"required":["take"]}]},"then":{"required":["of"],"additionalProperties":false,"properties":{"of":{"description":"The mapping whose keys are the values.","$ref":"#/definitions/reference"},"take":{"title":"list of names of entries","description":"The entries to take, in their order: a list, or a reference to one. `*` stands for all that it does not name. Default: all.","type":["array","string"],"pattern":"^\\$\\{.+\\}$","items":{"type":["string","number"]},"examples":["[fnn, cnn]","${setups}"]}}},"else":{"required":["from","to"],"additionalProperties":false,"properties":{"from":{"description":"The first value.","$ref":"#/definitions/integer"},"to":{"description":"The last value.","$ref":"#/definitions/integer"}}},"examples":["${seeds}"]},"retriesByCause":{"title":"mapping","description":"Attempts after a failure, by its cause.","type":"object","additionalProperties":false,"properties":{"failed":{"description":"The stage threw, its program ended with an error, or its process crashed. Default 0.","minimum":0,"$ref":"#/definitions/integer"},"timeout":{"description":"It took longer than its timeout. Default 0.","$ref":"#/definitions/retries"},"memory":{"description":"It was ended for want of memory. Default 0.","$ref":"#/definitions/retries"},"lost":{"description":"Its worker, its unit or its machine was lost. Default: as often as that happens.","minimum":0,"$ref":"#/definitions/integer"}}},"retries":{"title":"whole number, or mapping such as {times: 2, factor: 2}","description":"How many attempts, and by how much each gets more than the one before.","type":["integer","string","object"],"minimum":0,"pattern":"^\\$\\{.+\\}$","additionalProperties":false,"properties":{"times":{"description":"How many attempts after the first one.","minimum":0,"$ref":"#/definitions/integer"},"factor":{"title":"number","description":"Each attempt gets so many times the timeout, or the memory, of the one before. Default 2.","type":"number","minimum":1,"examples":[1.5]}},"examples":[2]},"stopRule":{"title":"mapping such as {metric: loss, best: min, patience: 3}","description":"Ends a chain whose metric is above or below a bound or NaN (`above`, `below`), has not improved for some steps (`patience`), or is not among the best of the stage's chains at a step (`rungs`: successive halving).","type":"object","required":["metric"],"additionalProperties":false,"properties":{"metric":{"description":"The name of the metric. The last value that a step reports counts.","title":"name of a metric (1 to 200 characters)","type":"string","pattern":"^[^\\u0000-\\u001f]{1,200}$","examples":["loss"]},"above":{"description":"A chain ends after a step whose value is above this number, or NaN.","$ref":"#/definitions/number"},"below":{"description":"A chain ends after a step whose value is below this number, or NaN.","$ref":"#/definitions/number"},"from":{"description":"The first step after which `above` or `below` may end a chain. By default the first of the chain.","$ref":"#/definitions/integer"},"best":{"description":"Whether the least or the greatest value is the best.","enum":["min","max"]},"patience":{"description":"A chain ends after so many steps without a better value.","minimum":1,"$ref":"#/definitions/integer"},"rungs":{"title":"list of whole numbers","description":"The steps after which the chains of the stage are compared; only the best ones go on.","type":["array","string"],"pattern":"^\\$\\{.+\\}$","items":{"$ref":"#/definitions/integer"},"examples":["[1, 3, 9]"]},"factor":{"description":"At a rung, one of so many chains goes on, and at least one.","$ref":"#/definitions/number"},"within":{"title":"list of coordinates","description":"Only chains with equal values of these coordinates are compared. By default all chains of the stage.","type":"array","items":{"$ref":"#/definitions/name"},"examples":["[dataset]"]}}},"number":{"title":"number","description":"A number, or a reference to one.","type":["number","string"],"pattern":"^\\$\\{.+\\}$","examples":[3,"${limit}"]},"integer":{"title":"whole number","description":"A whole number, or a reference to one.","type":["integer","string"],"pattern":"^\\$\\{.+\\}$","examples":[1,"${compute.threads}"]},"input":{"title":"reference to an output or a source","description":"`stage.output`, coordinates of the same name match; `[name=value, other=*]` selects, `[*]` gathers all. Or the name of a source. `${…}` may stand for a part before the brackets.","type":"string","pattern":"^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$","examples":["init.weights","estimate.statistics[seed=*]"]},"artefactType":{"description":"Type of an artefact.","enum":["bytes","json","safetensors","arrow","csv","markdown","svg","png","file","directory"]},"retention":{"description":"What is kept: `all`, those at the `checkpoints` of the scan, or `none`.","enum":["all","checkpoints","none"]},"target":{"title":"list of targets, or mapping","type":["array","object"],"items":{"type":"string"},"additionalProperties":false,"properties":{"description":{"description":"What the target shows.","$ref":"#/definitions/description"},"nodes":{"description":"Nodes that belong to the target in addition to the sources of its files.","$ref":"#/definitions/patterns"},"files":{"description":"Files under the results folder, each with the output that it holds.","type":"object","propertyNames":{"title":"relative path inside the results folder","description":"Relative, with `/`, and inside the results folder.","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$","examples":["figures/fig5.svg"]},"additionalProperties":{"title":"reference to an output of one node","description":"`stage.output`, or `node.output` where the stage has coordinates.","type":"string","pattern":"^[^\\s]+\\.[^.\\s]+$","examples":["table.svg","plot/fnn.svg"]}}}}}};
const schema12 = {"title":"name (a letter, then letters, digits, _ and -; at most 100)","description":"A letter, then letters, digits, `_` and `-`; at most 100 characters.","type":"string","pattern":"^[A-Za-z][A-Za-z0-9_-]{0,99}$","examples":["train","batch-norm"]};
const schema13 = {"title":"description (text without control characters)","type":"string","pattern":"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$","examples":["what it computes"]};
const schema70 = {"title":"list of targets","description":"Targets, stages (all their nodes), nodes (`train/fnn/1/*`) or named coordinates (`train/architecture=fnn/epoch=3`).","type":"array","items":{"type":"string"}};
const func2 = Object.prototype.hasOwnProperty;
const pattern0 = new RegExp("^[A-Za-z][A-Za-z0-9_-]{0,99}$", "u");
const pattern1 = new RegExp("^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$", "u");
const pattern5 = new RegExp("^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$", "u");
const schema15 = {"type":"object","additionalProperties":false,"properties":{"description":{"description":"What the profile is for, and about how long it takes.","$ref":"#/definitions/description"},"default":{"description":"Use this profile when none is asked for.","type":"boolean"},"extends":{"description":"Another profile that is applied before this one.","$ref":"#/definitions/name"},"params":{"description":"Merged deeply onto params: mappings are merged, lists and scalars replace. Every key must exist in params.","type":"object"}}};

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((key0 === "description") || (key0 === "default")) || (key0 === "extends")) || (key0 === "params"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema15,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.description !== undefined){
let data0 = data.description;
if(typeof data0 === "string"){
if(!pattern1.test(data0)){
const err1 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"},message:"must match pattern \""+"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"+"\"",schema:"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$",parentSchema:schema13,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
else {
const err2 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.type,parentSchema:schema13,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.default !== undefined){
let data1 = data.default;
if(typeof data1 !== "boolean"){
const err3 = {instancePath:instancePath+"/default",schemaPath:"#/properties/default/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema15.properties.default.type,parentSchema:schema15.properties.default,data:data1};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.extends !== undefined){
let data2 = data.extends;
if(typeof data2 === "string"){
if(!pattern0.test(data2)){
const err4 = {instancePath:instancePath+"/extends",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:data2};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/extends",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data2};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.params !== undefined){
let data3 = data.params;
if(!(data3 && typeof data3 == "object" && !Array.isArray(data3))){
const err6 = {instancePath:instancePath+"/params",schemaPath:"#/properties/params/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema15.properties.params.type,parentSchema:schema15.properties.params,data:data3};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
else {
const err7 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema15.type,parentSchema:schema15,data};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
validate11.errors = vErrors;
return errors === 0;
}

const schema19 = {"title":"list of coordinate values","description":"A list, a reference to a list, a reference to a mapping (then its keys), a range of whole numbers `{from: 0, to: 5}`, both included, or entries of a mapping `{of: \"${mapping}\", take: [name, \"*\"]}`. Over a mapping, `${name.part}` reads a part of the entry.","type":["array","string","object"],"pattern":"^\\$\\{.+\\}$","items":{"type":["string","number","boolean"]},"if":{"type":"object","anyOf":[{"required":["of"]},{"required":["take"]}]},"then":{"required":["of"],"additionalProperties":false,"properties":{"of":{"description":"The mapping whose keys are the values.","$ref":"#/definitions/reference"},"take":{"title":"list of names of entries","description":"The entries to take, in their order: a list, or a reference to one. `*` stands for all that it does not name. Default: all.","type":["array","string"],"pattern":"^\\$\\{.+\\}$","items":{"type":["string","number"]},"examples":["[fnn, cnn]","${setups}"]}}},"else":{"required":["from","to"],"additionalProperties":false,"properties":{"from":{"description":"The first value.","$ref":"#/definitions/integer"},"to":{"description":"The last value.","$ref":"#/definitions/integer"}}},"examples":["${seeds}"]};
const schema20 = {"title":"reference","description":"A reference to a param or coordinate.","type":"string","pattern":"^\\$\\{.+\\}$","examples":["${seeds}","${architectures[architecture].epochs}"]};
const schema21 = {"title":"whole number","description":"A whole number, or a reference to one.","type":["integer","string"],"pattern":"^\\$\\{.+\\}$","examples":[1,"${compute.threads}"]};
const pattern7 = new RegExp("^\\$\\{.+\\}$", "u");

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!data || typeof data != "object") && (typeof data !== "string")){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema19.type},message:"must be array,string,object",schema:schema19.type,parentSchema:schema19,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
const _errs1 = errors;
let valid0 = true;
const _errs2 = errors;
if(!(data && typeof data == "object" && !Array.isArray(data))){
const err1 = {};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
const _errs4 = errors;
let valid1 = false;
const _errs5 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.of === undefined) && (missing0 = "of")){
const err2 = {};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
var _valid1 = _errs5 === errors;
valid1 = valid1 || _valid1;
if(!valid1){
const _errs6 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing1;
if((data.take === undefined) && (missing1 = "take")){
const err3 = {};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
var _valid1 = _errs6 === errors;
valid1 = valid1 || _valid1;
}
if(!valid1){
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs2 === errors;
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
let ifClause0;
if(_valid0){
const _errs7 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.of === undefined){
const err5 = {instancePath,schemaPath:"#/then/required",keyword:"required",params:{missingProperty: "of"},message:"must have required property '"+"of"+"'",schema:schema19.then.required,parentSchema:schema19.then,data};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
for(const key0 in data){
if(!((key0 === "of") || (key0 === "take"))){
const err6 = {instancePath,schemaPath:"#/then/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema19.then,data};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.of !== undefined){
let data0 = data.of;
if(typeof data0 === "string"){
if(!pattern7.test(data0)){
const err7 = {instancePath:instancePath+"/of",schemaPath:"#/definitions/reference/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema20,data:data0};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/of",schemaPath:"#/definitions/reference/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema20.type,parentSchema:schema20,data:data0};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.take !== undefined){
let data1 = data.take;
if((!(Array.isArray(data1))) && (typeof data1 !== "string")){
const err9 = {instancePath:instancePath+"/take",schemaPath:"#/then/properties/take/type",keyword:"type",params:{type: schema19.then.properties.take.type},message:"must be array,string",schema:schema19.then.properties.take.type,parentSchema:schema19.then.properties.take,data:data1};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(typeof data1 === "string"){
if(!pattern7.test(data1)){
const err10 = {instancePath:instancePath+"/take",schemaPath:"#/then/properties/take/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema19.then.properties.take,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(Array.isArray(data1)){
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
let data2 = data1[i0];
if((typeof data2 !== "string") && (!((typeof data2 == "number") && (isFinite(data2))))){
const err11 = {instancePath:instancePath+"/take/" + i0,schemaPath:"#/then/properties/take/items/type",keyword:"type",params:{type: schema19.then.properties.take.items.type},message:"must be string,number",schema:schema19.then.properties.take.items.type,parentSchema:schema19.then.properties.take.items,data:data2};
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
}
}
var _valid0 = _errs7 === errors;
valid0 = _valid0;
ifClause0 = "then";
}
else {
const _errs16 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.from === undefined){
const err12 = {instancePath,schemaPath:"#/else/required",keyword:"required",params:{missingProperty: "from"},message:"must have required property '"+"from"+"'",schema:schema19.else.required,parentSchema:schema19.else,data};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if(data.to === undefined){
const err13 = {instancePath,schemaPath:"#/else/required",keyword:"required",params:{missingProperty: "to"},message:"must have required property '"+"to"+"'",schema:schema19.else.required,parentSchema:schema19.else,data};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
for(const key1 in data){
if(!((key1 === "from") || (key1 === "to"))){
const err14 = {instancePath,schemaPath:"#/else/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema19.else,data};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.from !== undefined){
let data3 = data.from;
if((!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))) && (typeof data3 !== "string")){
const err15 = {instancePath:instancePath+"/from",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data3};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if(typeof data3 === "string"){
if(!pattern7.test(data3)){
const err16 = {instancePath:instancePath+"/from",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data3};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
if(data.to !== undefined){
let data4 = data.to;
if((!(((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4))) && (isFinite(data4)))) && (typeof data4 !== "string")){
const err17 = {instancePath:instancePath+"/to",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data4};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(typeof data4 === "string"){
if(!pattern7.test(data4)){
const err18 = {instancePath:instancePath+"/to",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data4};
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
}
var _valid0 = _errs16 === errors;
valid0 = _valid0;
ifClause0 = "else";
}
if(!valid0){
const err19 = {instancePath,schemaPath:"#/if",keyword:"if",params:{failingKeyword: ifClause0},message:"must match \""+ifClause0+"\" schema",schema:schema19.if,parentSchema:schema19,data};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(typeof data === "string"){
if(!pattern7.test(data)){
const err20 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema19,data};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(Array.isArray(data)){
const len1 = data.length;
for(let i1=0; i1<len1; i1++){
let data5 = data[i1];
if(((typeof data5 !== "string") && (!((typeof data5 == "number") && (isFinite(data5))))) && (typeof data5 !== "boolean")){
const err21 = {instancePath:instancePath+"/" + i1,schemaPath:"#/items/type",keyword:"type",params:{type: schema19.items.type},message:"must be string,number,boolean",schema:schema19.items.type,parentSchema:schema19.items,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
validate13.errors = vErrors;
return errors === 0;
}

const schema24 = {"title":"mapping","description":"One file, some files, or an address with its digest.","type":"object","additionalProperties":false,"properties":{"description":{"description":"What the source holds.","$ref":"#/definitions/description"},"file":{"title":"path of a file","description":"The path of one file, relative to this file: an artefact of type `file`.","type":"string","examples":["data/images.idx","${data.directory}/images.idx"]},"files":{"title":"glob, or list of globs","description":"Globs of files, relative to this file: an artefact of type `directory`. Those that begin with `!` take files out.","type":["string","array"],"items":{"type":"string"},"examples":["data/**/*.csv"]},"url":{"title":"address","description":"The address of one file: an artefact of type `file`, downloaded when a node needs it.","type":"string","examples":["https://example.org/model.bin"]},"sha256":{"title":"digest of 64 hexadecimal digits","description":"The SHA-256 of the bytes at `url`.","type":"string"}}};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "description") || (key0 === "file")) || (key0 === "files")) || (key0 === "url")) || (key0 === "sha256"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema24,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.description !== undefined){
let data0 = data.description;
if(typeof data0 === "string"){
if(!pattern1.test(data0)){
const err1 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"},message:"must match pattern \""+"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"+"\"",schema:"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$",parentSchema:schema13,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
else {
const err2 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.type,parentSchema:schema13,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.file !== undefined){
let data1 = data.file;
if(typeof data1 !== "string"){
const err3 = {instancePath:instancePath+"/file",schemaPath:"#/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema24.properties.file.type,parentSchema:schema24.properties.file,data:data1};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.files !== undefined){
let data2 = data.files;
if((typeof data2 !== "string") && (!(Array.isArray(data2)))){
const err4 = {instancePath:instancePath+"/files",schemaPath:"#/properties/files/type",keyword:"type",params:{type: schema24.properties.files.type},message:"must be string,array",schema:schema24.properties.files.type,parentSchema:schema24.properties.files,data:data2};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 !== "string"){
const err5 = {instancePath:instancePath+"/files/" + i0,schemaPath:"#/properties/files/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema24.properties.files.items.type,parentSchema:schema24.properties.files.items,data:data3};
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
}
if(data.url !== undefined){
let data4 = data.url;
if(typeof data4 !== "string"){
const err6 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema24.properties.url.type,parentSchema:schema24.properties.url,data:data4};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.sha256 !== undefined){
let data5 = data.sha256;
if(typeof data5 !== "string"){
const err7 = {instancePath:instancePath+"/sha256",schemaPath:"#/properties/sha256/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema24.properties.sha256.type,parentSchema:schema24.properties.sha256,data:data5};
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
const err8 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema24.type,parentSchema:schema24,data};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}

const schema27 = {"description":"Executors by name. Stages name one with `executor`, and a whole run with `--executor`. They are in no key.","type":"object","propertyNames":{"$ref":"#/definitions/executorName"},"additionalProperties":{"$ref":"#/definitions/executor"}};
const schema28 = {"title":"name of an executor (a letter, then letters, digits, _ and -; at most 100)","description":"The name of an executor; `local` stands for the workers of this machine.","type":"string","pattern":"^[A-Za-z][A-Za-z0-9_-]{0,99}$","examples":["gpu1","local"]};
const schema29 = {"title":"mapping","description":"Where and how nodes are executed: exactly one of exec, slurm and futures.","type":"object","additionalProperties":false,"properties":{"exec":{"title":"list of a program and its arguments","description":"The program and its arguments, without a shell. Jobs and bytes travel over its standard input and output.","type":"array","items":{"type":"string"},"minItems":1,"examples":[["ssh","gpu1","vmfdag","unit","-"]]},"slurm":{"title":"mapping","description":"Jobs of a SLURM cluster, each of which serves as one slot for as long as there is work. The commands of SLURM have to be on the PATH.","type":"object","additionalProperties":false,"properties":{"partition":{"title":"text","description":"--partition of sbatch.","type":"string","examples":["gpu"]},"account":{"title":"text","description":"--account of sbatch.","type":"string"},"time":{"title":"duration such as 45s, 30m or 1h30m","description":"The time limit of a job. Nodes that are executed when it ends are executed again. Default: that of the partition.","type":"string","examples":["4h"]},"arguments":{"title":"list of texts","description":"Further arguments of sbatch.","type":"array","items":{"type":"string"},"examples":[["--qos=low","--constraint=icelake"]]},"spool":{"title":"path of a folder","description":"A folder that all nodes of the cluster see, for messages and results. Default: .vmfdag next to the pipeline file.","type":"string","examples":["/scratch/me/vmfdag"]},"command":{"title":"list of a program and its arguments","description":"How vmfdag is started on a node of the cluster. Default: this Node and this vmfdag, by their paths.","type":"array","items":{"type":"string"},"minItems":1,"examples":[["npx","vmfdag"]]},"idle":{"title":"duration such as 45s, 30m or 1h30m","description":"A job without work ends after so long. Default 60s.","type":"string","examples":["60s"]},"poll":{"title":"duration such as 45s, 30m or 1h30m","description":"How often the scheduler is asked what has become of the jobs. Default 60s.","type":"string","examples":["60s"]}}},"futures":{"title":"module and function, such as vmfdag.executors:ray","description":"A Python function that gives an object with `submit`, as concurrent.futures has it: Parsl, Ray, Dask or another engine. It holds one unit a slot.","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$","examples":["vmfdag.executors:ray"]},"options":{"title":"mapping","description":"Keyword arguments of the function of `futures`.","type":"object"},"python":{"title":"list of a program and its arguments","description":"The Python of `futures`. Default: [python3].","type":"array","items":{"type":"string"},"minItems":1,"examples":[[".venv/bin/python"]]},"command":{"title":"list of a program and its arguments","description":"How the workers of `futures` start a unit. Default: this Node and this vmfdag, by their paths.","type":"array","items":{"type":"string"},"minItems":1,"examples":[["npx","vmfdag","unit","-"]]},"listen":{"title":"name or address of this machine, with a port or without","description":"Where the workers of `futures` reach the run. Default: 127.0.0.1 for an engine on this machine, else the address of this machine on its default route, and any port.","type":"string","pattern":"^[^\\s:]+(:[0-9]{1,5})?$","examples":["10.0.0.5","login1:40000"]},"slots":{"title":"whole number","description":"How many units run at the same time; each executes one node at a time. Default 1.","type":"integer","minimum":1,"maximum":1000,"examples":[2]},"units":{"title":"mapping","description":"How much work is sent ahead.","type":"object","additionalProperties":false,"properties":{"target":{"title":"duration such as 45s, 30m or 1h30m","description":"So much work is on its way to a slot, by the measured times of the stages: short nodes, the next steps of a chain, or one long node. Default 2s; 20s for slurm.","type":"string","examples":["2s","60s"]}}}}};
const pattern15 = new RegExp("^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$", "u");
const pattern16 = new RegExp("^[^\\s:]+(:[0-9]{1,5})?$", "u");

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
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
validate18.errors = vErrors;
return errors === 0;
}

const schema31 = {"type":"object","additionalProperties":false,"required":["outputs"],"properties":{"description":{"description":"What the stage does.","$ref":"#/definitions/description"},"run":{"title":"path of a module","description":"Path of the stage's module, relative to this file; `#name` picks a named export.","type":"string","pattern":"^[^#\\s\\u0000-\\u001f\\u007f-\\u009f]+\\.(ts|mts|js|mjs)(#[A-Za-z_$][\\w$]*)?$","examples":["stages/train.ts","stages/plot.ts#angles"]},"command":{"title":"list of arguments, or a script","description":"A program that the stage starts for each node: its arguments, or a script for `sh -ec`. `{inputs.x}` and `{outputs.y}` are paths, `${…}` refers to params and coordinates.","type":["array","string"],"items":{"title":"text, number, true or false","type":["string","number","boolean"]},"examples":["[python3, train.py, --data, \"{inputs.data}\", --out, \"{outputs.weights}\"]","sort {inputs.words} > {outputs.sorted}"]},"environment":{"description":"What provides the interpreter and the libraries of the command: a lock file, a container image or a root folder. Its digest, the interpreter's version and the platform are in the keys.","type":"object","additionalProperties":false,"properties":{"lock":{"title":"relative path inside the project","description":"uv.lock, requirements.txt with the version of each package, conda-lock.yml, pixi.lock or renv.lock.","type":"string","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["uv.lock","requirements.txt","conda-lock.yml"]},"interpreter":{"title":"path of a Python or an Rscript","description":"Of a requirements.txt: the Python that has these packages, by default the first python3 on PATH. Of a renv.lock: the Rscript, by default the first one on PATH.","type":"string","pattern":"/","examples":[".venv/bin/python"]},"prefix":{"title":"path of a folder","description":"Of a conda-lock.yml: the folder of its environment, absolute or relative to the pipeline file.","type":"string","pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":[".conda"]},"name":{"title":"name of an environment","description":"Of a conda-lock.yml: the name of its environment. Of a pixi.lock: which of its environments; by default the one of that name.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]*$","examples":["analysis"]},"image":{"title":"name of an image with its digest","description":"The container image in which the command runs, or the file of one (.sif) for apptainer.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$","examples":["tools@sha256:8f3a0c5e6b7d9142a3f4e5d6c7b8a9908172635445362718f9e8d7c6b5a49382"]},"with":{"title":"program that runs containers","description":"Of an image: what runs it. By default podman, or docker where there is no podman.","enum":["podman","docker","apptainer"]},"root":{"title":"path of a folder","description":"A folder that is the root of a file system, in which bubblewrap runs the command. Its content is in the keys.","type":"string","pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["rootfs"]}},"examples":["{lock: uv.lock}","{image: \"tools@sha256:8f3a0c5e6b7d9142a3f4e5d6c7b8a9908172635445362718f9e8d7c6b5a49382\"}"]},"code":{"title":"list of files, folders and globs","description":"Files of the project that the command needs. It finds them in its folder at the same paths. Their contents are in the keys.","type":"array","items":{"title":"relative path inside the project","description":"A file, a folder with all that is in it, or a glob.","type":"string","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["train.py","lib/**/*.py"]},"examples":["[train.py, lib]"]},"paths":{"title":"mapping of inputs, outputs and params","description":"Where the program of a command finds its inputs and params and leaves its outputs, if not where its arguments say.","type":"object","additionalProperties":false,"properties":{"inputs":{"title":"mapping of inputs to paths","description":"For each input, the path at which the program finds it.","type":"object","additionalProperties":{"$ref":"#/definitions/pathOfCommand"}},"outputs":{"title":"mapping of outputs to paths","description":"For each output, the path at which the program leaves it.","type":"object","additionalProperties":{"$ref":"#/definitions/pathOfCommand"}},"params":{"title":"path, or mapping of paths to params","description":"A JSON or YAML file that the program finds, with the params of the stage; or several, each with the name of the param that it holds.","type":["string","object"],"pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$","minProperties":1,"propertyNames":{"title":"relative path of a .json, .yaml or .yml file","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$"},"additionalProperties":{"title":"name of a param of the stage","type":"string"},"examples":["params.yaml"]}},"examples":["{inputs: {data: data/raw.csv}, outputs: {model: model.pkl}, params: params.yaml}"]},"each":{"title":"list of axes, or mapping","description":"The stage's coordinates: one node for every combination. A list of axes, or a mapping of names to values. Later ones may depend on earlier ones.","type":["array","object"],"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/coordinate"},"items":{"title":"name of an axis, or mapping of coordinates","description":"The name of an axis, or coordinates of the stage's own.","type":["string","object"],"pattern":"^[A-Za-z][A-Za-z0-9_-]{0,99}$","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/coordinate"},"examples":["seed","epoch: {from: 0, to: 5}"]},"examples":["[architecture, seed]","seed: \"${seeds}\""]},"scan":{"description":"Makes the stage a chain: one more coordinate, counted up, whose nodes read the outputs of the node before.","type":"object","required":["carry"],"minProperties":2,"maxProperties":2,"propertyNames":{"$ref":"#/definitions/name"},"properties":{"carry":{"description":"For each carried output: the reference to its value before the first step. The input of the same name is the output of the step before.","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/input"}}},"additionalProperties":{"title":"range of the scanned coordinate","description":"The scanned coordinate: whole numbers `from` (default 1) … `to`, both included; `checkpoints` are those that `retain: checkpoints` keeps.","type":"object","additionalProperties":false,"required":["to"],"properties":{"from":{"description":"The first value.","$ref":"#/definitions/integer"},"to":{"description":"The last value.","$ref":"#/definitions/integer"},"checkpoints":{"title":"list of whole numbers","description":"The values whose outputs are kept where the stage says `retain: checkpoints`: a list, or a reference to one. Values outside the range are ignored.","type":["array","string"],"pattern":"^\\$\\{.+\\}$","items":{"type":["integer","string"]},"examples":["${checkpoints}"]}}}},"compute":{"description":"Whether the compute backend, its version and its threads are part of the keys, and visible to the stage.","type":"boolean"},"params":{"description":"The params that the stage receives: everything that it can see of this file.","type":["object","string"],"title":"mapping or reference","pattern":"^\\$\\{.+\\}$","examples":["${architectures[architecture]}"]},"inputs":{"description":"Outputs of other stages, and sources, that the stage reads, by the names that its module gives them.","type":"object","propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/input"}},"outputs":{"description":"The outputs of the stage, and their types.","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/artefactType"}},"retain":{"title":"all, checkpoints or none; or a mapping of outputs to these","description":"Which outputs keep their bytes once no node of a run needs them any more; the others are restored when a node needs them. No part of the keys. Default: all.","type":["string","object"],"propertyNames":{"$ref":"#/definitions/name"},"additionalProperties":{"$ref":"#/definitions/retention"},"examples":["checkpoints","none"]},"variables":{"title":"list of environment variables","description":"Environment variables that the stage may see. Their values are part of its keys.","type":"array","items":{"$ref":"#/definitions/variable"},"examples":["[DATA_ROOT]"]},"secrets":{"title":"list of environment variables","description":"Environment variables that the stage may see, in none of its keys; their values are masked in logs.","type":"array","items":{"$ref":"#/definitions/variable"},"examples":["[API_TOKEN]"]},"undeclared":{"description":"What happens when the stage opens a file of the project that is not declared: `refuse` (default) fails the node; `warn` and `ignore` let it read, and nothing runs again when the file changes; `strace` refuses what any program of a command opens, and needs strace.","enum":["refuse","warn","ignore","strace"]},"reproducible":{"description":"Whether the stage gives the same bytes each time that it is executed with the same key. Default true. With `false`, a restored node may give other bytes, and what depends on it runs again.","type":"boolean"},"resources":{"description":"What one node occupies while it runs.","type":"object","additionalProperties":false,"properties":{"threads":{"description":"Processor threads. Default 1.","minimum":1,"$ref":"#/definitions/integer"},"memory":{"title":"size","description":"Memory. Default 0, which reserves none.","type":"string","pattern":"^(\\$\\{.+\\}|\\d+(\\.\\d+)?\\s?([kMGT]i?)?B)$","examples":["512MB","1.5GiB"]},"gpus":{"description":"Graphics processors. Default 0.","minimum":0,"$ref":"#/definitions/integer"}}},"timeout":{"title":"duration","description":"Wall-clock limit of one attempt. Default: none.","type":"string","pattern":"^(\\$\\{.+\\}|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$","examples":["45s","30m","1h30m"]},"retries":{"title":"whole number, or mapping of causes","description":"Attempts after the first one, in all or by the cause of the failure. Default 0.","anyOf":[{"minimum":0,"$ref":"#/definitions/integer"},{"$ref":"#/definitions/retriesByCause"}],"examples":[2]},"stop":{"title":"rule, or list of rules","description":"When chains end before their last step, decided by metrics that their steps report. For stages with `scan`; it is in no key.","if":{"type":"array"},"then":{"type":"array","minItems":1,"items":{"$ref":"#/definitions/stopRule"}},"else":{"$ref":"#/definitions/stopRule"},"examples":["{metric: loss, best: min, patience: 3}"]},"executor":{"description":"The executor of the stage's nodes; `local` for the workers of this machine. It is in no key.","$ref":"executors.schema.json#/definitions/executorName"}}};
const schema33 = {"title":"relative path in the folder of the command","type":"string","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["data/raw.csv"]};
const schema41 = {"title":"reference to an output or a source","description":"`stage.output`, coordinates of the same name match; `[name=value, other=*]` selects, `[*]` gathers all. Or the name of a source. `${…}` may stand for a part before the brackets.","type":"string","pattern":"^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$","examples":["init.weights","estimate.statistics[seed=*]"]};
const schema45 = {"description":"Type of an artefact.","enum":["bytes","json","safetensors","arrow","csv","markdown","svg","png","file","directory"]};
const schema47 = {"description":"What is kept: `all`, those at the `checkpoints` of the scan, or `none`.","enum":["all","checkpoints","none"]};
const schema48 = {"title":"name of an environment variable (a letter or _, then letters, digits and _)","description":"Name of an environment variable.","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","examples":["DATA_ROOT"]};
const pattern19 = new RegExp("^[^#\\s\\u0000-\\u001f\\u007f-\\u009f]+\\.(ts|mts|js|mjs)(#[A-Za-z_$][\\w$]*)?$", "u");
const pattern20 = new RegExp("^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$", "u");
const pattern21 = new RegExp("/", "u");
const pattern22 = new RegExp("^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "u");
const pattern23 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]*$", "u");
const pattern24 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._/:@-]*$", "u");
const pattern29 = new RegExp("^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$", "u");
const pattern39 = new RegExp("^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$", "u");
const pattern45 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
const pattern48 = new RegExp("^(\\$\\{.+\\}|\\d+(\\.\\d+)?\\s?([kMGT]i?)?B)$", "u");
const pattern50 = new RegExp("^(\\$\\{.+\\}|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$", "u");
const schema53 = {"title":"mapping","description":"Attempts after a failure, by its cause.","type":"object","additionalProperties":false,"properties":{"failed":{"description":"The stage threw, its program ended with an error, or its process crashed. Default 0.","minimum":0,"$ref":"#/definitions/integer"},"timeout":{"description":"It took longer than its timeout. Default 0.","$ref":"#/definitions/retries"},"memory":{"description":"It was ended for want of memory. Default 0.","$ref":"#/definitions/retries"},"lost":{"description":"Its worker, its unit or its machine was lost. Default: as often as that happens.","minimum":0,"$ref":"#/definitions/integer"}}};
const schema55 = {"title":"whole number, or mapping such as {times: 2, factor: 2}","description":"How many attempts, and by how much each gets more than the one before.","type":["integer","string","object"],"minimum":0,"pattern":"^\\$\\{.+\\}$","additionalProperties":false,"properties":{"times":{"description":"How many attempts after the first one.","minimum":0,"$ref":"#/definitions/integer"},"factor":{"title":"number","description":"Each attempt gets so many times the timeout, or the memory, of the one before. Default 2.","type":"number","minimum":1,"examples":[1.5]}},"examples":[2]};

function validate24(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(((!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))) && (typeof data !== "string")) && (!(data && typeof data == "object" && !Array.isArray(data)))){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema55.type},message:"must be integer,string,object",schema:schema55.type,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data < 0 || isNaN(data)){
const err1 = {instancePath,schemaPath:"#/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(typeof data === "string"){
if(!pattern7.test(data)){
const err2 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "times") || (key0 === "factor"))){
const err3 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.times !== undefined){
let data0 = data.times;
if((!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))) && (typeof data0 !== "string")){
const err4 = {instancePath:instancePath+"/times",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(typeof data0 === "string"){
if(!pattern7.test(data0)){
const err5 = {instancePath:instancePath+"/times",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 < 0 || isNaN(data0)){
const err6 = {instancePath:instancePath+"/times",schemaPath:"#/properties/times/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema55.properties.times,data:data0};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
if(data.factor !== undefined){
let data1 = data.factor;
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 < 1 || isNaN(data1)){
const err7 = {instancePath:instancePath+"/factor",schemaPath:"#/properties/factor/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema55.properties.factor,data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/factor",schemaPath:"#/properties/factor/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema55.properties.factor.type,parentSchema:schema55.properties.factor,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
validate24.errors = vErrors;
return errors === 0;
}


function validate23(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((key0 === "failed") || (key0 === "timeout")) || (key0 === "memory")) || (key0 === "lost"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema53,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.failed !== undefined){
let data0 = data.failed;
if((!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))) && (typeof data0 !== "string")){
const err1 = {instancePath:instancePath+"/failed",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(typeof data0 === "string"){
if(!pattern7.test(data0)){
const err2 = {instancePath:instancePath+"/failed",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 < 0 || isNaN(data0)){
const err3 = {instancePath:instancePath+"/failed",schemaPath:"#/properties/failed/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema53.properties.failed,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
if(data.timeout !== undefined){
if(!(validate24(data.timeout, {instancePath:instancePath+"/timeout",parentData:data,parentDataProperty:"timeout",rootData}))){
vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
errors = vErrors.length;
}
}
if(data.memory !== undefined){
if(!(validate24(data.memory, {instancePath:instancePath+"/memory",parentData:data,parentDataProperty:"memory",rootData}))){
vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
errors = vErrors.length;
}
}
if(data.lost !== undefined){
let data3 = data.lost;
if((!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))) && (typeof data3 !== "string")){
const err4 = {instancePath:instancePath+"/lost",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data3};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(typeof data3 === "string"){
if(!pattern7.test(data3)){
const err5 = {instancePath:instancePath+"/lost",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data3};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 < 0 || isNaN(data3)){
const err6 = {instancePath:instancePath+"/lost",schemaPath:"#/properties/lost/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema53.properties.lost,data:data3};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
}
else {
const err7 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema53.type,parentSchema:schema53,data};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
validate23.errors = vErrors;
return errors === 0;
}

const schema58 = {"title":"mapping such as {metric: loss, best: min, patience: 3}","description":"Ends a chain whose metric is above or below a bound or NaN (`above`, `below`), has not improved for some steps (`patience`), or is not among the best of the stage's chains at a step (`rungs`: successive halving).","type":"object","required":["metric"],"additionalProperties":false,"properties":{"metric":{"description":"The name of the metric. The last value that a step reports counts.","title":"name of a metric (1 to 200 characters)","type":"string","pattern":"^[^\\u0000-\\u001f]{1,200}$","examples":["loss"]},"above":{"description":"A chain ends after a step whose value is above this number, or NaN.","$ref":"#/definitions/number"},"below":{"description":"A chain ends after a step whose value is below this number, or NaN.","$ref":"#/definitions/number"},"from":{"description":"The first step after which `above` or `below` may end a chain. By default the first of the chain.","$ref":"#/definitions/integer"},"best":{"description":"Whether the least or the greatest value is the best.","enum":["min","max"]},"patience":{"description":"A chain ends after so many steps without a better value.","minimum":1,"$ref":"#/definitions/integer"},"rungs":{"title":"list of whole numbers","description":"The steps after which the chains of the stage are compared; only the best ones go on.","type":["array","string"],"pattern":"^\\$\\{.+\\}$","items":{"$ref":"#/definitions/integer"},"examples":["[1, 3, 9]"]},"factor":{"description":"At a rung, one of so many chains goes on, and at least one.","$ref":"#/definitions/number"},"within":{"title":"list of coordinates","description":"Only chains with equal values of these coordinates are compared. By default all chains of the stage.","type":"array","items":{"$ref":"#/definitions/name"},"examples":["[dataset]"]}}};
const schema59 = {"title":"number","description":"A number, or a reference to one.","type":["number","string"],"pattern":"^\\$\\{.+\\}$","examples":[3,"${limit}"]};
const pattern56 = new RegExp("^[^\\u0000-\\u001f]{1,200}$", "u");

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.metric === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "metric"},message:"must have required property '"+"metric"+"'",schema:schema58.required,parentSchema:schema58,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema58.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema58,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.metric !== undefined){
let data0 = data.metric;
if(typeof data0 === "string"){
if(!pattern56.test(data0)){
const err2 = {instancePath:instancePath+"/metric",schemaPath:"#/properties/metric/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u001f]{1,200}$"},message:"must match pattern \""+"^[^\\u0000-\\u001f]{1,200}$"+"\"",schema:"^[^\\u0000-\\u001f]{1,200}$",parentSchema:schema58.properties.metric,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/metric",schemaPath:"#/properties/metric/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema58.properties.metric.type,parentSchema:schema58.properties.metric,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.above !== undefined){
let data1 = data.above;
if((!((typeof data1 == "number") && (isFinite(data1)))) && (typeof data1 !== "string")){
const err4 = {instancePath:instancePath+"/above",schemaPath:"#/definitions/number/type",keyword:"type",params:{type: schema59.type},message:"must be number,string",schema:schema59.type,parentSchema:schema59,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(typeof data1 === "string"){
if(!pattern7.test(data1)){
const err5 = {instancePath:instancePath+"/above",schemaPath:"#/definitions/number/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema59,data:data1};
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
if(data.below !== undefined){
let data2 = data.below;
if((!((typeof data2 == "number") && (isFinite(data2)))) && (typeof data2 !== "string")){
const err6 = {instancePath:instancePath+"/below",schemaPath:"#/definitions/number/type",keyword:"type",params:{type: schema59.type},message:"must be number,string",schema:schema59.type,parentSchema:schema59,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(typeof data2 === "string"){
if(!pattern7.test(data2)){
const err7 = {instancePath:instancePath+"/below",schemaPath:"#/definitions/number/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema59,data:data2};
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
if(data.from !== undefined){
let data3 = data.from;
if((!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))) && (typeof data3 !== "string")){
const err8 = {instancePath:instancePath+"/from",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(typeof data3 === "string"){
if(!pattern7.test(data3)){
const err9 = {instancePath:instancePath+"/from",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
if(data.best !== undefined){
let data4 = data.best;
if(!((data4 === "min") || (data4 === "max"))){
const err10 = {instancePath:instancePath+"/best",schemaPath:"#/properties/best/enum",keyword:"enum",params:{allowedValues: schema58.properties.best.enum},message:"must be equal to one of the allowed values",schema:schema58.properties.best.enum,parentSchema:schema58.properties.best,data:data4};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.patience !== undefined){
let data5 = data.patience;
if((!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))) && (typeof data5 !== "string")){
const err11 = {instancePath:instancePath+"/patience",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data5};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(typeof data5 === "string"){
if(!pattern7.test(data5)){
const err12 = {instancePath:instancePath+"/patience",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data5};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 < 1 || isNaN(data5)){
const err13 = {instancePath:instancePath+"/patience",schemaPath:"#/properties/patience/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema58.properties.patience,data:data5};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
if(data.rungs !== undefined){
let data6 = data.rungs;
if((!(Array.isArray(data6))) && (typeof data6 !== "string")){
const err14 = {instancePath:instancePath+"/rungs",schemaPath:"#/properties/rungs/type",keyword:"type",params:{type: schema58.properties.rungs.type},message:"must be array,string",schema:schema58.properties.rungs.type,parentSchema:schema58.properties.rungs,data:data6};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(typeof data6 === "string"){
if(!pattern7.test(data6)){
const err15 = {instancePath:instancePath+"/rungs",schemaPath:"#/properties/rungs/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema58.properties.rungs,data:data6};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(Array.isArray(data6)){
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
let data7 = data6[i0];
if((!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))) && (typeof data7 !== "string")){
const err16 = {instancePath:instancePath+"/rungs/" + i0,schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data7};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(typeof data7 === "string"){
if(!pattern7.test(data7)){
const err17 = {instancePath:instancePath+"/rungs/" + i0,schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data7};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
}
}
if(data.factor !== undefined){
let data8 = data.factor;
if((!((typeof data8 == "number") && (isFinite(data8)))) && (typeof data8 !== "string")){
const err18 = {instancePath:instancePath+"/factor",schemaPath:"#/definitions/number/type",keyword:"type",params:{type: schema59.type},message:"must be number,string",schema:schema59.type,parentSchema:schema59,data:data8};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(typeof data8 === "string"){
if(!pattern7.test(data8)){
const err19 = {instancePath:instancePath+"/factor",schemaPath:"#/definitions/number/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema59,data:data8};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
if(data.within !== undefined){
let data9 = data.within;
if(Array.isArray(data9)){
const len1 = data9.length;
for(let i1=0; i1<len1; i1++){
let data10 = data9[i1];
if(typeof data10 === "string"){
if(!pattern0.test(data10)){
const err20 = {instancePath:instancePath+"/within/" + i1,schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:data10};
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
const err21 = {instancePath:instancePath+"/within/" + i1,schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data10};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
else {
const err22 = {instancePath:instancePath+"/within",schemaPath:"#/properties/within/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema58.properties.within.type,parentSchema:schema58.properties.within,data:data9};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema58.type,parentSchema:schema58,data};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
validate28.errors = vErrors;
return errors === 0;
}


function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.outputs === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "outputs"},message:"must have required property '"+"outputs"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema31.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.description !== undefined){
let data0 = data.description;
if(typeof data0 === "string"){
if(!pattern1.test(data0)){
const err2 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"},message:"must match pattern \""+"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"+"\"",schema:"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$",parentSchema:schema13,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.type,parentSchema:schema13,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.run !== undefined){
let data1 = data.run;
if(typeof data1 === "string"){
if(!pattern19.test(data1)){
const err4 = {instancePath:instancePath+"/run",schemaPath:"#/properties/run/pattern",keyword:"pattern",params:{pattern: "^[^#\\s\\u0000-\\u001f\\u007f-\\u009f]+\\.(ts|mts|js|mjs)(#[A-Za-z_$][\\w$]*)?$"},message:"must match pattern \""+"^[^#\\s\\u0000-\\u001f\\u007f-\\u009f]+\\.(ts|mts|js|mjs)(#[A-Za-z_$][\\w$]*)?$"+"\"",schema:"^[^#\\s\\u0000-\\u001f\\u007f-\\u009f]+\\.(ts|mts|js|mjs)(#[A-Za-z_$][\\w$]*)?$",parentSchema:schema31.properties.run,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/run",schemaPath:"#/properties/run/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.run.type,parentSchema:schema31.properties.run,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.command !== undefined){
let data2 = data.command;
if((!(Array.isArray(data2))) && (typeof data2 !== "string")){
const err6 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/type",keyword:"type",params:{type: schema31.properties.command.type},message:"must be array,string",schema:schema31.properties.command.type,parentSchema:schema31.properties.command,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(((typeof data3 !== "string") && (!((typeof data3 == "number") && (isFinite(data3))))) && (typeof data3 !== "boolean")){
const err7 = {instancePath:instancePath+"/command/" + i0,schemaPath:"#/properties/command/items/type",keyword:"type",params:{type: schema31.properties.command.items.type},message:"must be string,number,boolean",schema:schema31.properties.command.items.type,parentSchema:schema31.properties.command.items,data:data3};
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
}
if(data.environment !== undefined){
let data4 = data.environment;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key1 in data4){
if(!(((((((key1 === "lock") || (key1 === "interpreter")) || (key1 === "prefix")) || (key1 === "name")) || (key1 === "image")) || (key1 === "with")) || (key1 === "root"))){
const err8 = {instancePath:instancePath+"/environment",schemaPath:"#/properties/environment/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.environment,data:data4};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data4.lock !== undefined){
let data5 = data4.lock;
if(typeof data5 === "string"){
if(!pattern20.test(data5)){
const err9 = {instancePath:instancePath+"/environment/lock",schemaPath:"#/properties/environment/properties/lock/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$",parentSchema:schema31.properties.environment.properties.lock,data:data5};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/environment/lock",schemaPath:"#/properties/environment/properties/lock/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.environment.properties.lock.type,parentSchema:schema31.properties.environment.properties.lock,data:data5};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data4.interpreter !== undefined){
let data6 = data4.interpreter;
if(typeof data6 === "string"){
if(!pattern21.test(data6)){
const err11 = {instancePath:instancePath+"/environment/interpreter",schemaPath:"#/properties/environment/properties/interpreter/pattern",keyword:"pattern",params:{pattern: "/"},message:"must match pattern \""+"/"+"\"",schema:"/",parentSchema:schema31.properties.environment.properties.interpreter,data:data6};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/environment/interpreter",schemaPath:"#/properties/environment/properties/interpreter/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.environment.properties.interpreter.type,parentSchema:schema31.properties.environment.properties.interpreter,data:data6};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data4.prefix !== undefined){
let data7 = data4.prefix;
if(typeof data7 === "string"){
if(!pattern22.test(data7)){
const err13 = {instancePath:instancePath+"/environment/prefix",schemaPath:"#/properties/environment/properties/prefix/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},message:"must match pattern \""+"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"+"\"",schema:"^[^\\u0000-\\u001f\\u007f-\\u009f]+$",parentSchema:schema31.properties.environment.properties.prefix,data:data7};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/environment/prefix",schemaPath:"#/properties/environment/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.environment.properties.prefix.type,parentSchema:schema31.properties.environment.properties.prefix,data:data7};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data4.name !== undefined){
let data8 = data4.name;
if(typeof data8 === "string"){
if(!pattern23.test(data8)){
const err15 = {instancePath:instancePath+"/environment/name",schemaPath:"#/properties/environment/properties/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9._-]*$"+"\"",schema:"^[A-Za-z0-9][A-Za-z0-9._-]*$",parentSchema:schema31.properties.environment.properties.name,data:data8};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
else {
const err16 = {instancePath:instancePath+"/environment/name",schemaPath:"#/properties/environment/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.environment.properties.name.type,parentSchema:schema31.properties.environment.properties.name,data:data8};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data4.image !== undefined){
let data9 = data4.image;
if(typeof data9 === "string"){
if(!pattern24.test(data9)){
const err17 = {instancePath:instancePath+"/environment/image",schemaPath:"#/properties/environment/properties/image/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._/:@-]*$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$"+"\"",schema:"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$",parentSchema:schema31.properties.environment.properties.image,data:data9};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
else {
const err18 = {instancePath:instancePath+"/environment/image",schemaPath:"#/properties/environment/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.environment.properties.image.type,parentSchema:schema31.properties.environment.properties.image,data:data9};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data4.with !== undefined){
let data10 = data4.with;
if(!(((data10 === "podman") || (data10 === "docker")) || (data10 === "apptainer"))){
const err19 = {instancePath:instancePath+"/environment/with",schemaPath:"#/properties/environment/properties/with/enum",keyword:"enum",params:{allowedValues: schema31.properties.environment.properties.with.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.environment.properties.with.enum,parentSchema:schema31.properties.environment.properties.with,data:data10};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data4.root !== undefined){
let data11 = data4.root;
if(typeof data11 === "string"){
if(!pattern22.test(data11)){
const err20 = {instancePath:instancePath+"/environment/root",schemaPath:"#/properties/environment/properties/root/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},message:"must match pattern \""+"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"+"\"",schema:"^[^\\u0000-\\u001f\\u007f-\\u009f]+$",parentSchema:schema31.properties.environment.properties.root,data:data11};
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
const err21 = {instancePath:instancePath+"/environment/root",schemaPath:"#/properties/environment/properties/root/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.environment.properties.root.type,parentSchema:schema31.properties.environment.properties.root,data:data11};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
else {
const err22 = {instancePath:instancePath+"/environment",schemaPath:"#/properties/environment/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.environment.type,parentSchema:schema31.properties.environment,data:data4};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.code !== undefined){
let data12 = data.code;
if(Array.isArray(data12)){
const len1 = data12.length;
for(let i1=0; i1<len1; i1++){
let data13 = data12[i1];
if(typeof data13 === "string"){
if(!pattern20.test(data13)){
const err23 = {instancePath:instancePath+"/code/" + i1,schemaPath:"#/properties/code/items/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$",parentSchema:schema31.properties.code.items,data:data13};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/code/" + i1,schemaPath:"#/properties/code/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.code.items.type,parentSchema:schema31.properties.code.items,data:data13};
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
const err25 = {instancePath:instancePath+"/code",schemaPath:"#/properties/code/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.code.type,parentSchema:schema31.properties.code,data:data12};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data.paths !== undefined){
let data14 = data.paths;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key2 in data14){
if(!(((key2 === "inputs") || (key2 === "outputs")) || (key2 === "params"))){
const err26 = {instancePath:instancePath+"/paths",schemaPath:"#/properties/paths/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.paths,data:data14};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data14.inputs !== undefined){
let data15 = data14.inputs;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key3 in data15){
let data16 = data15[key3];
if(typeof data16 === "string"){
if(!pattern20.test(data16)){
const err27 = {instancePath:instancePath+"/paths/inputs/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/pathOfCommand/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$",parentSchema:schema33,data:data16};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
else {
const err28 = {instancePath:instancePath+"/paths/inputs/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/pathOfCommand/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.type,parentSchema:schema33,data:data16};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/paths/inputs",schemaPath:"#/properties/paths/properties/inputs/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.paths.properties.inputs.type,parentSchema:schema31.properties.paths.properties.inputs,data:data15};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data14.outputs !== undefined){
let data17 = data14.outputs;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key4 in data17){
let data18 = data17[key4];
if(typeof data18 === "string"){
if(!pattern20.test(data18)){
const err30 = {instancePath:instancePath+"/paths/outputs/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/pathOfCommand/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/[^/]|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$",parentSchema:schema33,data:data18};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
else {
const err31 = {instancePath:instancePath+"/paths/outputs/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/pathOfCommand/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.type,parentSchema:schema33,data:data18};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
}
else {
const err32 = {instancePath:instancePath+"/paths/outputs",schemaPath:"#/properties/paths/properties/outputs/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.paths.properties.outputs.type,parentSchema:schema31.properties.paths.properties.outputs,data:data17};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data14.params !== undefined){
let data19 = data14.params;
if((typeof data19 !== "string") && (!(data19 && typeof data19 == "object" && !Array.isArray(data19)))){
const err33 = {instancePath:instancePath+"/paths/params",schemaPath:"#/properties/paths/properties/params/type",keyword:"type",params:{type: schema31.properties.paths.properties.params.type},message:"must be string,object",schema:schema31.properties.paths.properties.params.type,parentSchema:schema31.properties.paths.properties.params,data:data19};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
if(typeof data19 === "string"){
if(!pattern29.test(data19)){
const err34 = {instancePath:instancePath+"/paths/params",schemaPath:"#/properties/paths/properties/params/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$",parentSchema:schema31.properties.paths.properties.params,data:data19};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(Object.keys(data19).length < 1){
const err35 = {instancePath:instancePath+"/paths/params",schemaPath:"#/properties/paths/properties/params/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema31.properties.paths.properties.params,data:data19};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
for(const key5 in data19){
const _errs48 = errors;
if(typeof key5 === "string"){
if(!pattern29.test(key5)){
const err36 = {instancePath:instancePath+"/paths/params",schemaPath:"#/properties/paths/properties/params/propertyNames/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+\\.(json|ya?ml)$",parentSchema:schema31.properties.paths.properties.params.propertyNames,data:key5,propertyName:key5};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
var valid12 = _errs48 === errors;
if(!valid12){
const err37 = {instancePath:instancePath+"/paths/params",schemaPath:"#/properties/paths/properties/params/propertyNames",keyword:"propertyNames",params:{propertyName: key5},message:"property name must be valid",schema:schema31.properties.paths.properties.params.propertyNames,parentSchema:schema31.properties.paths.properties.params,data:data19};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
for(const key6 in data19){
let data20 = data19[key6];
if(typeof data20 !== "string"){
const err38 = {instancePath:instancePath+"/paths/params/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/paths/properties/params/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.paths.properties.params.additionalProperties.type,parentSchema:schema31.properties.paths.properties.params.additionalProperties,data:data20};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
}
}
else {
const err39 = {instancePath:instancePath+"/paths",schemaPath:"#/properties/paths/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.paths.type,parentSchema:schema31.properties.paths,data:data14};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data.each !== undefined){
let data21 = data.each;
if(!data21 || typeof data21 != "object"){
const err40 = {instancePath:instancePath+"/each",schemaPath:"#/properties/each/type",keyword:"type",params:{type: schema31.properties.each.type},message:"must be array,object",schema:schema31.properties.each.type,parentSchema:schema31.properties.each,data:data21};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
if(Array.isArray(data21)){
const len2 = data21.length;
for(let i2=0; i2<len2; i2++){
let data22 = data21[i2];
if((typeof data22 !== "string") && (!(data22 && typeof data22 == "object" && !Array.isArray(data22)))){
const err41 = {instancePath:instancePath+"/each/" + i2,schemaPath:"#/properties/each/items/type",keyword:"type",params:{type: schema31.properties.each.items.type},message:"must be string,object",schema:schema31.properties.each.items.type,parentSchema:schema31.properties.each.items,data:data22};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
if(typeof data22 === "string"){
if(!pattern0.test(data22)){
const err42 = {instancePath:instancePath+"/each/" + i2,schemaPath:"#/properties/each/items/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema31.properties.each.items,data:data22};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
if(Object.keys(data22).length < 1){
const err43 = {instancePath:instancePath+"/each/" + i2,schemaPath:"#/properties/each/items/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema31.properties.each.items,data:data22};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
for(const key7 in data22){
const _errs56 = errors;
if(typeof key7 === "string"){
if(!pattern0.test(key7)){
const err44 = {instancePath:instancePath+"/each/" + i2,schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key7,propertyName:key7};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
else {
const err45 = {instancePath:instancePath+"/each/" + i2,schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key7,propertyName:key7};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
var valid16 = _errs56 === errors;
if(!valid16){
const err46 = {instancePath:instancePath+"/each/" + i2,schemaPath:"#/properties/each/items/propertyNames",keyword:"propertyNames",params:{propertyName: key7},message:"property name must be valid",schema:schema31.properties.each.items.propertyNames,parentSchema:schema31.properties.each.items,data:data22};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
for(const key8 in data22){
if(!(validate13(data22[key8], {instancePath:instancePath+"/each/" + i2+"/" + key8.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data22,parentDataProperty:key8,rootData}))){
vErrors = vErrors === null ? validate13.errors : vErrors.concat(validate13.errors);
errors = vErrors.length;
}
}
}
}
}
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
for(const key9 in data21){
const _errs61 = errors;
if(typeof key9 === "string"){
if(!pattern0.test(key9)){
const err47 = {instancePath:instancePath+"/each",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key9,propertyName:key9};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
else {
const err48 = {instancePath:instancePath+"/each",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key9,propertyName:key9};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
var valid19 = _errs61 === errors;
if(!valid19){
const err49 = {instancePath:instancePath+"/each",schemaPath:"#/properties/each/propertyNames",keyword:"propertyNames",params:{propertyName: key9},message:"property name must be valid",schema:schema31.properties.each.propertyNames,parentSchema:schema31.properties.each,data:data21};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
for(const key10 in data21){
if(!(validate13(data21[key10], {instancePath:instancePath+"/each/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data21,parentDataProperty:key10,rootData}))){
vErrors = vErrors === null ? validate13.errors : vErrors.concat(validate13.errors);
errors = vErrors.length;
}
}
}
}
if(data.scan !== undefined){
let data25 = data.scan;
if(data25 && typeof data25 == "object" && !Array.isArray(data25)){
if(Object.keys(data25).length > 2){
const err50 = {instancePath:instancePath+"/scan",schemaPath:"#/properties/scan/maxProperties",keyword:"maxProperties",params:{limit: 2},message:"must NOT have more than 2 properties",schema:2,parentSchema:schema31.properties.scan,data:data25};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
if(Object.keys(data25).length < 2){
const err51 = {instancePath:instancePath+"/scan",schemaPath:"#/properties/scan/minProperties",keyword:"minProperties",params:{limit: 2},message:"must NOT have fewer than 2 properties",schema:2,parentSchema:schema31.properties.scan,data:data25};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
if(data25.carry === undefined){
const err52 = {instancePath:instancePath+"/scan",schemaPath:"#/properties/scan/required",keyword:"required",params:{missingProperty: "carry"},message:"must have required property '"+"carry"+"'",schema:schema31.properties.scan.required,parentSchema:schema31.properties.scan,data:data25};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
for(const key11 in data25){
const _errs68 = errors;
if(typeof key11 === "string"){
if(!pattern0.test(key11)){
const err53 = {instancePath:instancePath+"/scan",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key11,propertyName:key11};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
else {
const err54 = {instancePath:instancePath+"/scan",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key11,propertyName:key11};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
var valid22 = _errs68 === errors;
if(!valid22){
const err55 = {instancePath:instancePath+"/scan",schemaPath:"#/properties/scan/propertyNames",keyword:"propertyNames",params:{propertyName: key11},message:"property name must be valid",schema:schema31.properties.scan.propertyNames,parentSchema:schema31.properties.scan,data:data25};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
for(const key12 in data25){
if(!(key12 === "carry")){
let data26 = data25[key12];
if(data26 && typeof data26 == "object" && !Array.isArray(data26)){
if(data26.to === undefined){
const err56 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/scan/additionalProperties/required",keyword:"required",params:{missingProperty: "to"},message:"must have required property '"+"to"+"'",schema:schema31.properties.scan.additionalProperties.required,parentSchema:schema31.properties.scan.additionalProperties,data:data26};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
for(const key13 in data26){
if(!(((key13 === "from") || (key13 === "to")) || (key13 === "checkpoints"))){
const err57 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/scan/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.scan.additionalProperties,data:data26};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data26.from !== undefined){
let data27 = data26.from;
if((!(((typeof data27 == "number") && (!(data27 % 1) && !isNaN(data27))) && (isFinite(data27)))) && (typeof data27 !== "string")){
const err58 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/from",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data27};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
if(typeof data27 === "string"){
if(!pattern7.test(data27)){
const err59 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/from",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data27};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
}
if(data26.to !== undefined){
let data28 = data26.to;
if((!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28)))) && (typeof data28 !== "string")){
const err60 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/to",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data28};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
if(typeof data28 === "string"){
if(!pattern7.test(data28)){
const err61 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/to",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data28};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
}
if(data26.checkpoints !== undefined){
let data29 = data26.checkpoints;
if((!(Array.isArray(data29))) && (typeof data29 !== "string")){
const err62 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/checkpoints",schemaPath:"#/properties/scan/additionalProperties/properties/checkpoints/type",keyword:"type",params:{type: schema31.properties.scan.additionalProperties.properties.checkpoints.type},message:"must be array,string",schema:schema31.properties.scan.additionalProperties.properties.checkpoints.type,parentSchema:schema31.properties.scan.additionalProperties.properties.checkpoints,data:data29};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
if(typeof data29 === "string"){
if(!pattern7.test(data29)){
const err63 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/checkpoints",schemaPath:"#/properties/scan/additionalProperties/properties/checkpoints/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema31.properties.scan.additionalProperties.properties.checkpoints,data:data29};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(Array.isArray(data29)){
const len3 = data29.length;
for(let i3=0; i3<len3; i3++){
let data30 = data29[i3];
if((!(((typeof data30 == "number") && (!(data30 % 1) && !isNaN(data30))) && (isFinite(data30)))) && (typeof data30 !== "string")){
const err64 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1")+"/checkpoints/" + i3,schemaPath:"#/properties/scan/additionalProperties/properties/checkpoints/items/type",keyword:"type",params:{type: schema31.properties.scan.additionalProperties.properties.checkpoints.items.type},message:"must be integer,string",schema:schema31.properties.scan.additionalProperties.properties.checkpoints.items.type,parentSchema:schema31.properties.scan.additionalProperties.properties.checkpoints.items,data:data30};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
}
}
}
else {
const err65 = {instancePath:instancePath+"/scan/" + key12.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/scan/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.scan.additionalProperties.type,parentSchema:schema31.properties.scan.additionalProperties,data:data26};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
}
if(data25.carry !== undefined){
let data31 = data25.carry;
if(data31 && typeof data31 == "object" && !Array.isArray(data31)){
if(Object.keys(data31).length < 1){
const err66 = {instancePath:instancePath+"/scan/carry",schemaPath:"#/properties/scan/properties/carry/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema31.properties.scan.properties.carry,data:data31};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
for(const key14 in data31){
const _errs87 = errors;
if(typeof key14 === "string"){
if(!pattern0.test(key14)){
const err67 = {instancePath:instancePath+"/scan/carry",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key14,propertyName:key14};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
else {
const err68 = {instancePath:instancePath+"/scan/carry",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key14,propertyName:key14};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
var valid31 = _errs87 === errors;
if(!valid31){
const err69 = {instancePath:instancePath+"/scan/carry",schemaPath:"#/properties/scan/properties/carry/propertyNames",keyword:"propertyNames",params:{propertyName: key14},message:"property name must be valid",schema:schema31.properties.scan.properties.carry.propertyNames,parentSchema:schema31.properties.scan.properties.carry,data:data31};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
for(const key15 in data31){
let data32 = data31[key15];
if(typeof data32 === "string"){
if(!pattern39.test(data32)){
const err70 = {instancePath:instancePath+"/scan/carry/" + key15.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/input/pattern",keyword:"pattern",params:{pattern: "^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$"},message:"must match pattern \""+"^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$"+"\"",schema:"^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$",parentSchema:schema41,data:data32};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
else {
const err71 = {instancePath:instancePath+"/scan/carry/" + key15.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/input/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema41.type,parentSchema:schema41,data:data32};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
else {
const err72 = {instancePath:instancePath+"/scan/carry",schemaPath:"#/properties/scan/properties/carry/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.scan.properties.carry.type,parentSchema:schema31.properties.scan.properties.carry,data:data31};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
}
else {
const err73 = {instancePath:instancePath+"/scan",schemaPath:"#/properties/scan/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.scan.type,parentSchema:schema31.properties.scan,data:data25};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data.compute !== undefined){
let data33 = data.compute;
if(typeof data33 !== "boolean"){
const err74 = {instancePath:instancePath+"/compute",schemaPath:"#/properties/compute/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.compute.type,parentSchema:schema31.properties.compute,data:data33};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data.params !== undefined){
let data34 = data.params;
if((!(data34 && typeof data34 == "object" && !Array.isArray(data34))) && (typeof data34 !== "string")){
const err75 = {instancePath:instancePath+"/params",schemaPath:"#/properties/params/type",keyword:"type",params:{type: schema31.properties.params.type},message:"must be object,string",schema:schema31.properties.params.type,parentSchema:schema31.properties.params,data:data34};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
if(typeof data34 === "string"){
if(!pattern7.test(data34)){
const err76 = {instancePath:instancePath+"/params",schemaPath:"#/properties/params/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema31.properties.params,data:data34};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
}
if(data.inputs !== undefined){
let data35 = data.inputs;
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
for(const key16 in data35){
const _errs100 = errors;
if(typeof key16 === "string"){
if(!pattern0.test(key16)){
const err77 = {instancePath:instancePath+"/inputs",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key16,propertyName:key16};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
else {
const err78 = {instancePath:instancePath+"/inputs",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key16,propertyName:key16};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
var valid35 = _errs100 === errors;
if(!valid35){
const err79 = {instancePath:instancePath+"/inputs",schemaPath:"#/properties/inputs/propertyNames",keyword:"propertyNames",params:{propertyName: key16},message:"property name must be valid",schema:schema31.properties.inputs.propertyNames,parentSchema:schema31.properties.inputs,data:data35};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
for(const key17 in data35){
let data36 = data35[key17];
if(typeof data36 === "string"){
if(!pattern39.test(data36)){
const err80 = {instancePath:instancePath+"/inputs/" + key17.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/input/pattern",keyword:"pattern",params:{pattern: "^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$"},message:"must match pattern \""+"^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$"+"\"",schema:"^(([^.\\s\\[$]|\\$\\{[^}]+\\})+(\\.([^.\\s\\[$]|\\$\\{[^}]+\\})+\\s*(\\[.*\\])?)?|\\$\\{[^}]+\\}\\s*\\[.*\\])$",parentSchema:schema41,data:data36};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
else {
const err81 = {instancePath:instancePath+"/inputs/" + key17.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/input/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema41.type,parentSchema:schema41,data:data36};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
}
else {
const err82 = {instancePath:instancePath+"/inputs",schemaPath:"#/properties/inputs/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.inputs.type,parentSchema:schema31.properties.inputs,data:data35};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data.outputs !== undefined){
let data37 = data.outputs;
if(data37 && typeof data37 == "object" && !Array.isArray(data37)){
if(Object.keys(data37).length < 1){
const err83 = {instancePath:instancePath+"/outputs",schemaPath:"#/properties/outputs/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema31.properties.outputs,data:data37};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
for(const key18 in data37){
const _errs109 = errors;
if(typeof key18 === "string"){
if(!pattern0.test(key18)){
const err84 = {instancePath:instancePath+"/outputs",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key18,propertyName:key18};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
else {
const err85 = {instancePath:instancePath+"/outputs",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key18,propertyName:key18};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
var valid39 = _errs109 === errors;
if(!valid39){
const err86 = {instancePath:instancePath+"/outputs",schemaPath:"#/properties/outputs/propertyNames",keyword:"propertyNames",params:{propertyName: key18},message:"property name must be valid",schema:schema31.properties.outputs.propertyNames,parentSchema:schema31.properties.outputs,data:data37};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
for(const key19 in data37){
let data38 = data37[key19];
if(!((((((((((data38 === "bytes") || (data38 === "json")) || (data38 === "safetensors")) || (data38 === "arrow")) || (data38 === "csv")) || (data38 === "markdown")) || (data38 === "svg")) || (data38 === "png")) || (data38 === "file")) || (data38 === "directory"))){
const err87 = {instancePath:instancePath+"/outputs/" + key19.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/artefactType/enum",keyword:"enum",params:{allowedValues: schema45.enum},message:"must be equal to one of the allowed values",schema:schema45.enum,parentSchema:schema45,data:data38};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
}
else {
const err88 = {instancePath:instancePath+"/outputs",schemaPath:"#/properties/outputs/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.outputs.type,parentSchema:schema31.properties.outputs,data:data37};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
if(data.retain !== undefined){
let data39 = data.retain;
if((typeof data39 !== "string") && (!(data39 && typeof data39 == "object" && !Array.isArray(data39)))){
const err89 = {instancePath:instancePath+"/retain",schemaPath:"#/properties/retain/type",keyword:"type",params:{type: schema31.properties.retain.type},message:"must be string,object",schema:schema31.properties.retain.type,parentSchema:schema31.properties.retain,data:data39};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
for(const key20 in data39){
const _errs117 = errors;
if(typeof key20 === "string"){
if(!pattern0.test(key20)){
const err90 = {instancePath:instancePath+"/retain",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key20,propertyName:key20};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
else {
const err91 = {instancePath:instancePath+"/retain",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key20,propertyName:key20};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
var valid43 = _errs117 === errors;
if(!valid43){
const err92 = {instancePath:instancePath+"/retain",schemaPath:"#/properties/retain/propertyNames",keyword:"propertyNames",params:{propertyName: key20},message:"property name must be valid",schema:schema31.properties.retain.propertyNames,parentSchema:schema31.properties.retain,data:data39};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
for(const key21 in data39){
let data40 = data39[key21];
if(!(((data40 === "all") || (data40 === "checkpoints")) || (data40 === "none"))){
const err93 = {instancePath:instancePath+"/retain/" + key21.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/retention/enum",keyword:"enum",params:{allowedValues: schema47.enum},message:"must be equal to one of the allowed values",schema:schema47.enum,parentSchema:schema47,data:data40};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
}
}
if(data.variables !== undefined){
let data41 = data.variables;
if(Array.isArray(data41)){
const len4 = data41.length;
for(let i4=0; i4<len4; i4++){
let data42 = data41[i4];
if(typeof data42 === "string"){
if(!pattern45.test(data42)){
const err94 = {instancePath:instancePath+"/variables/" + i4,schemaPath:"#/definitions/variable/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema48,data:data42};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
else {
const err95 = {instancePath:instancePath+"/variables/" + i4,schemaPath:"#/definitions/variable/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema48.type,parentSchema:schema48,data:data42};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
}
else {
const err96 = {instancePath:instancePath+"/variables",schemaPath:"#/properties/variables/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.variables.type,parentSchema:schema31.properties.variables,data:data41};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
if(data.secrets !== undefined){
let data43 = data.secrets;
if(Array.isArray(data43)){
const len5 = data43.length;
for(let i5=0; i5<len5; i5++){
let data44 = data43[i5];
if(typeof data44 === "string"){
if(!pattern45.test(data44)){
const err97 = {instancePath:instancePath+"/secrets/" + i5,schemaPath:"#/definitions/variable/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema48,data:data44};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
else {
const err98 = {instancePath:instancePath+"/secrets/" + i5,schemaPath:"#/definitions/variable/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema48.type,parentSchema:schema48,data:data44};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
}
else {
const err99 = {instancePath:instancePath+"/secrets",schemaPath:"#/properties/secrets/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.secrets.type,parentSchema:schema31.properties.secrets,data:data43};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
if(data.undeclared !== undefined){
let data45 = data.undeclared;
if(!((((data45 === "refuse") || (data45 === "warn")) || (data45 === "ignore")) || (data45 === "strace"))){
const err100 = {instancePath:instancePath+"/undeclared",schemaPath:"#/properties/undeclared/enum",keyword:"enum",params:{allowedValues: schema31.properties.undeclared.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.undeclared.enum,parentSchema:schema31.properties.undeclared,data:data45};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data.reproducible !== undefined){
let data46 = data.reproducible;
if(typeof data46 !== "boolean"){
const err101 = {instancePath:instancePath+"/reproducible",schemaPath:"#/properties/reproducible/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.reproducible.type,parentSchema:schema31.properties.reproducible,data:data46};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
if(data.resources !== undefined){
let data47 = data.resources;
if(data47 && typeof data47 == "object" && !Array.isArray(data47)){
for(const key22 in data47){
if(!(((key22 === "threads") || (key22 === "memory")) || (key22 === "gpus"))){
const err102 = {instancePath:instancePath+"/resources",schemaPath:"#/properties/resources/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key22},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.resources,data:data47};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data47.threads !== undefined){
let data48 = data47.threads;
if((!(((typeof data48 == "number") && (!(data48 % 1) && !isNaN(data48))) && (isFinite(data48)))) && (typeof data48 !== "string")){
const err103 = {instancePath:instancePath+"/resources/threads",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data48};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
if(typeof data48 === "string"){
if(!pattern7.test(data48)){
const err104 = {instancePath:instancePath+"/resources/threads",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data48};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
if((typeof data48 == "number") && (isFinite(data48))){
if(data48 < 1 || isNaN(data48)){
const err105 = {instancePath:instancePath+"/resources/threads",schemaPath:"#/properties/resources/properties/threads/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.resources.properties.threads,data:data48};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
}
if(data47.memory !== undefined){
let data49 = data47.memory;
if(typeof data49 === "string"){
if(!pattern48.test(data49)){
const err106 = {instancePath:instancePath+"/resources/memory",schemaPath:"#/properties/resources/properties/memory/pattern",keyword:"pattern",params:{pattern: "^(\\$\\{.+\\}|\\d+(\\.\\d+)?\\s?([kMGT]i?)?B)$"},message:"must match pattern \""+"^(\\$\\{.+\\}|\\d+(\\.\\d+)?\\s?([kMGT]i?)?B)$"+"\"",schema:"^(\\$\\{.+\\}|\\d+(\\.\\d+)?\\s?([kMGT]i?)?B)$",parentSchema:schema31.properties.resources.properties.memory,data:data49};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
else {
const err107 = {instancePath:instancePath+"/resources/memory",schemaPath:"#/properties/resources/properties/memory/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.resources.properties.memory.type,parentSchema:schema31.properties.resources.properties.memory,data:data49};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
if(data47.gpus !== undefined){
let data50 = data47.gpus;
if((!(((typeof data50 == "number") && (!(data50 % 1) && !isNaN(data50))) && (isFinite(data50)))) && (typeof data50 !== "string")){
const err108 = {instancePath:instancePath+"/resources/gpus",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data50};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
if(typeof data50 === "string"){
if(!pattern7.test(data50)){
const err109 = {instancePath:instancePath+"/resources/gpus",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data50};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
if((typeof data50 == "number") && (isFinite(data50))){
if(data50 < 0 || isNaN(data50)){
const err110 = {instancePath:instancePath+"/resources/gpus",schemaPath:"#/properties/resources/properties/gpus/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.resources.properties.gpus,data:data50};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
}
}
else {
const err111 = {instancePath:instancePath+"/resources",schemaPath:"#/properties/resources/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.resources.type,parentSchema:schema31.properties.resources,data:data47};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
if(data.timeout !== undefined){
let data51 = data.timeout;
if(typeof data51 === "string"){
if(!pattern50.test(data51)){
const err112 = {instancePath:instancePath+"/timeout",schemaPath:"#/properties/timeout/pattern",keyword:"pattern",params:{pattern: "^(\\$\\{.+\\}|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$"},message:"must match pattern \""+"^(\\$\\{.+\\}|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$"+"\"",schema:"^(\\$\\{.+\\}|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$",parentSchema:schema31.properties.timeout,data:data51};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
else {
const err113 = {instancePath:instancePath+"/timeout",schemaPath:"#/properties/timeout/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.timeout.type,parentSchema:schema31.properties.timeout,data:data51};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
if(data.retries !== undefined){
let data52 = data.retries;
const _errs150 = errors;
let valid56 = false;
const _errs151 = errors;
if((!(((typeof data52 == "number") && (!(data52 % 1) && !isNaN(data52))) && (isFinite(data52)))) && (typeof data52 !== "string")){
const err114 = {instancePath:instancePath+"/retries",schemaPath:"#/definitions/integer/type",keyword:"type",params:{type: schema21.type},message:"must be integer,string",schema:schema21.type,parentSchema:schema21,data:data52};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
if(typeof data52 === "string"){
if(!pattern7.test(data52)){
const err115 = {instancePath:instancePath+"/retries",schemaPath:"#/definitions/integer/pattern",keyword:"pattern",params:{pattern: "^\\$\\{.+\\}$"},message:"must match pattern \""+"^\\$\\{.+\\}$"+"\"",schema:"^\\$\\{.+\\}$",parentSchema:schema21,data:data52};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if((typeof data52 == "number") && (isFinite(data52))){
if(data52 < 0 || isNaN(data52)){
const err116 = {instancePath:instancePath+"/retries",schemaPath:"#/properties/retries/anyOf/0/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.retries.anyOf[0],data:data52};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
var _valid0 = _errs151 === errors;
valid56 = valid56 || _valid0;
if(!valid56){
const _errs154 = errors;
if(!(validate23(data52, {instancePath:instancePath+"/retries",parentData:data,parentDataProperty:"retries",rootData}))){
vErrors = vErrors === null ? validate23.errors : vErrors.concat(validate23.errors);
errors = vErrors.length;
}
var _valid0 = _errs154 === errors;
valid56 = valid56 || _valid0;
}
if(!valid56){
const err117 = {instancePath:instancePath+"/retries",schemaPath:"#/properties/retries/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf",schema:schema31.properties.retries.anyOf,parentSchema:schema31.properties.retries,data:data52};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
else {
errors = _errs150;
if(vErrors !== null){
if(_errs150){
vErrors.length = _errs150;
}
else {
vErrors = null;
}
}
}
}
if(data.stop !== undefined){
let data53 = data.stop;
const _errs156 = errors;
let valid58 = true;
const _errs157 = errors;
if(!(Array.isArray(data53))){
const err118 = {};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
var _valid1 = _errs157 === errors;
errors = _errs156;
if(vErrors !== null){
if(_errs156){
vErrors.length = _errs156;
}
else {
vErrors = null;
}
}
let ifClause0;
if(_valid1){
const _errs159 = errors;
if(Array.isArray(data53)){
if(data53.length < 1){
const err119 = {instancePath:instancePath+"/stop",schemaPath:"#/properties/stop/then/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema31.properties.stop.then,data:data53};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
const len6 = data53.length;
for(let i6=0; i6<len6; i6++){
if(!(validate28(data53[i6], {instancePath:instancePath+"/stop/" + i6,parentData:data53,parentDataProperty:i6,rootData}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
}
else {
const err120 = {instancePath:instancePath+"/stop",schemaPath:"#/properties/stop/then/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.stop.then.type,parentSchema:schema31.properties.stop.then,data:data53};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
var _valid1 = _errs159 === errors;
valid58 = _valid1;
ifClause0 = "then";
}
else {
const _errs162 = errors;
if(!(validate28(data53, {instancePath:instancePath+"/stop",parentData:data,parentDataProperty:"stop",rootData}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
var _valid1 = _errs162 === errors;
valid58 = _valid1;
ifClause0 = "else";
}
if(!valid58){
const err121 = {instancePath:instancePath+"/stop",schemaPath:"#/properties/stop/if",keyword:"if",params:{failingKeyword: ifClause0},message:"must match \""+ifClause0+"\" schema",schema:schema31.properties.stop.if,parentSchema:schema31.properties.stop,data:data53};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
if(data.executor !== undefined){
let data55 = data.executor;
if(typeof data55 === "string"){
if(!pattern0.test(data55)){
const err122 = {instancePath:instancePath+"/executor",schemaPath:"executors.schema.json#/definitions/executorName/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema28,data:data55};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
}
else {
const err123 = {instancePath:instancePath+"/executor",schemaPath:"executors.schema.json#/definitions/executorName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema28.type,parentSchema:schema28,data:data55};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
}
else {
const err124 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}

const schema68 = {"title":"list of targets, or mapping","type":["array","object"],"items":{"type":"string"},"additionalProperties":false,"properties":{"description":{"description":"What the target shows.","$ref":"#/definitions/description"},"nodes":{"description":"Nodes that belong to the target in addition to the sources of its files.","$ref":"#/definitions/patterns"},"files":{"description":"Files under the results folder, each with the output that it holds.","type":"object","propertyNames":{"title":"relative path inside the results folder","description":"Relative, with `/`, and inside the results folder.","pattern":"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$","examples":["figures/fig5.svg"]},"additionalProperties":{"title":"reference to an output of one node","description":"`stage.output`, or `node.output` where the stage has coordinates.","type":"string","pattern":"^[^\\s]+\\.[^.\\s]+$","examples":["table.svg","plot/fnn.svg"]}}}};
const pattern68 = new RegExp("^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$", "u");
const pattern69 = new RegExp("^[^\\s]+\\.[^.\\s]+$", "u");

function validate32(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!data || typeof data != "object"){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema68.type},message:"must be array,object",schema:schema68.type,parentSchema:schema68,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
if(typeof data0 !== "string"){
const err1 = {instancePath:instancePath+"/" + i0,schemaPath:"#/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema68.items.type,parentSchema:schema68.items,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((key0 === "description") || (key0 === "nodes")) || (key0 === "files"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema68,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.description !== undefined){
let data1 = data.description;
if(typeof data1 === "string"){
if(!pattern1.test(data1)){
const err3 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"},message:"must match pattern \""+"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"+"\"",schema:"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$",parentSchema:schema13,data:data1};
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
const err4 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.type,parentSchema:schema13,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.nodes !== undefined){
let data2 = data.nodes;
if(Array.isArray(data2)){
const len1 = data2.length;
for(let i1=0; i1<len1; i1++){
let data3 = data2[i1];
if(typeof data3 !== "string"){
const err5 = {instancePath:instancePath+"/nodes/" + i1,schemaPath:"#/definitions/patterns/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.items.type,parentSchema:schema70.items,data:data3};
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
const err6 = {instancePath:instancePath+"/nodes",schemaPath:"#/definitions/patterns/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema70.type,parentSchema:schema70,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.files !== undefined){
let data4 = data.files;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key1 in data4){
const _errs14 = errors;
if(typeof key1 === "string"){
if(!pattern68.test(key1)){
const err7 = {instancePath:instancePath+"/files",schemaPath:"#/properties/files/propertyNames/pattern",keyword:"pattern",params:{pattern: "^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$"},message:"must match pattern \""+"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$"+"\"",schema:"^(?!/)(?!([^/]*/)*\\.{0,2}(/|$))[^\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$",parentSchema:schema68.properties.files.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var valid7 = _errs14 === errors;
if(!valid7){
const err8 = {instancePath:instancePath+"/files",schemaPath:"#/properties/files/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema68.properties.files.propertyNames,parentSchema:schema68.properties.files,data:data4};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
for(const key2 in data4){
let data5 = data4[key2];
if(typeof data5 === "string"){
if(!pattern69.test(data5)){
const err9 = {instancePath:instancePath+"/files/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/files/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[^\\s]+\\.[^.\\s]+$"},message:"must match pattern \""+"^[^\\s]+\\.[^.\\s]+$"+"\"",schema:"^[^\\s]+\\.[^.\\s]+$",parentSchema:schema68.properties.files.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/files/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/files/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema68.properties.files.additionalProperties.type,parentSchema:schema68.properties.files.additionalProperties,data:data5};
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
const err11 = {instancePath:instancePath+"/files",schemaPath:"#/properties/files/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema68.properties.files.type,parentSchema:schema68.properties.files,data:data4};
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
validate32.errors = vErrors;
return errors === 0;
}


function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.version === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "version"},message:"must have required property '"+"version"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.name === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.stages === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "stages"},message:"must have required property '"+"stages"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema11.properties, key0))){
const err3 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.version !== undefined){
let data0 = data.version;
if(1 !== data0){
const err4 = {instancePath:instancePath+"/version",schemaPath:"#/properties/version/const",keyword:"const",params:{allowedValue: 1},message:"must be equal to constant",schema:1,parentSchema:schema11.properties.version,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.name !== undefined){
let data1 = data.name;
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
const err5 = {instancePath:instancePath+"/name",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/name",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.description !== undefined){
let data2 = data.description;
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
const err7 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"},message:"must match pattern \""+"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$"+"\"",schema:"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$",parentSchema:schema13,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/description",schemaPath:"#/definitions/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.type,parentSchema:schema13,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.params !== undefined){
let data3 = data.params;
if(!(data3 && typeof data3 == "object" && !Array.isArray(data3))){
const err9 = {instancePath:instancePath+"/params",schemaPath:"#/properties/params/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.params.type,parentSchema:schema11.properties.params,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.profiles !== undefined){
let data4 = data.profiles;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key1 in data4){
const _errs13 = errors;
if(typeof key1 === "string"){
if(!pattern0.test(key1)){
const err10 = {instancePath:instancePath+"/profiles",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/profiles",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
var valid3 = _errs13 === errors;
if(!valid3){
const err12 = {instancePath:instancePath+"/profiles",schemaPath:"#/properties/profiles/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema11.properties.profiles.propertyNames,parentSchema:schema11.properties.profiles,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
for(const key2 in data4){
if(!(validate11(data4[key2], {instancePath:instancePath+"/profiles/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data4,parentDataProperty:key2,rootData}))){
vErrors = vErrors === null ? validate11.errors : vErrors.concat(validate11.errors);
errors = vErrors.length;
}
}
}
else {
const err13 = {instancePath:instancePath+"/profiles",schemaPath:"#/properties/profiles/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.profiles.type,parentSchema:schema11.properties.profiles,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.compute !== undefined){
let data6 = data.compute;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.provider === undefined){
const err14 = {instancePath:instancePath+"/compute",schemaPath:"#/properties/compute/required",keyword:"required",params:{missingProperty: "provider"},message:"must have required property '"+"provider"+"'",schema:schema11.properties.compute.required,parentSchema:schema11.properties.compute,data:data6};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
for(const key3 in data6){
if(!((key3 === "provider") || (key3 === "request"))){
const err15 = {instancePath:instancePath+"/compute",schemaPath:"#/properties/compute/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema11.properties.compute,data:data6};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data6.provider !== undefined){
let data7 = data6.provider;
if(typeof data7 === "string"){
if(!pattern5.test(data7)){
const err16 = {instancePath:instancePath+"/compute/provider",schemaPath:"#/properties/compute/properties/provider/pattern",keyword:"pattern",params:{pattern: "^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$"},message:"must match pattern \""+"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$"+"\"",schema:"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$",parentSchema:schema11.properties.compute.properties.provider,data:data7};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/compute/provider",schemaPath:"#/properties/compute/properties/provider/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.compute.properties.provider.type,parentSchema:schema11.properties.compute.properties.provider,data:data7};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/compute",schemaPath:"#/properties/compute/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.compute.type,parentSchema:schema11.properties.compute,data:data6};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.axes !== undefined){
let data8 = data.axes;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key4 in data8){
const _errs25 = errors;
if(typeof key4 === "string"){
if(!pattern0.test(key4)){
const err19 = {instancePath:instancePath+"/axes",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/axes",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
var valid7 = _errs25 === errors;
if(!valid7){
const err21 = {instancePath:instancePath+"/axes",schemaPath:"#/properties/axes/propertyNames",keyword:"propertyNames",params:{propertyName: key4},message:"property name must be valid",schema:schema11.properties.axes.propertyNames,parentSchema:schema11.properties.axes,data:data8};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
for(const key5 in data8){
if(!(validate13(data8[key5], {instancePath:instancePath+"/axes/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data8,parentDataProperty:key5,rootData}))){
vErrors = vErrors === null ? validate13.errors : vErrors.concat(validate13.errors);
errors = vErrors.length;
}
}
}
else {
const err22 = {instancePath:instancePath+"/axes",schemaPath:"#/properties/axes/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.axes.type,parentSchema:schema11.properties.axes,data:data8};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.sources !== undefined){
let data10 = data.sources;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
for(const key6 in data10){
const _errs32 = errors;
if(typeof key6 === "string"){
if(!pattern0.test(key6)){
const err23 = {instancePath:instancePath+"/sources",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key6,propertyName:key6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/sources",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key6,propertyName:key6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
var valid10 = _errs32 === errors;
if(!valid10){
const err25 = {instancePath:instancePath+"/sources",schemaPath:"#/properties/sources/propertyNames",keyword:"propertyNames",params:{propertyName: key6},message:"property name must be valid",schema:schema11.properties.sources.propertyNames,parentSchema:schema11.properties.sources,data:data10};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
for(const key7 in data10){
if(!(validate15(data10[key7], {instancePath:instancePath+"/sources/" + key7.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data10,parentDataProperty:key7,rootData}))){
vErrors = vErrors === null ? validate15.errors : vErrors.concat(validate15.errors);
errors = vErrors.length;
}
}
}
else {
const err26 = {instancePath:instancePath+"/sources",schemaPath:"#/properties/sources/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.sources.type,parentSchema:schema11.properties.sources,data:data10};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data.executors !== undefined){
if(!(validate18(data.executors, {instancePath:instancePath+"/executors",parentData:data,parentDataProperty:"executors",rootData}))){
vErrors = vErrors === null ? validate18.errors : vErrors.concat(validate18.errors);
errors = vErrors.length;
}
}
if(data.stages !== undefined){
let data13 = data.stages;
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
if(Object.keys(data13).length < 1){
const err27 = {instancePath:instancePath+"/stages",schemaPath:"#/properties/stages/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema11.properties.stages,data:data13};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
for(const key8 in data13){
const _errs40 = errors;
if(typeof key8 === "string"){
if(!pattern0.test(key8)){
const err28 = {instancePath:instancePath+"/stages",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key8,propertyName:key8};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/stages",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key8,propertyName:key8};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
var valid13 = _errs40 === errors;
if(!valid13){
const err30 = {instancePath:instancePath+"/stages",schemaPath:"#/properties/stages/propertyNames",keyword:"propertyNames",params:{propertyName: key8},message:"property name must be valid",schema:schema11.properties.stages.propertyNames,parentSchema:schema11.properties.stages,data:data13};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
for(const key9 in data13){
if(!(validate20(data13[key9], {instancePath:instancePath+"/stages/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data13,parentDataProperty:key9,rootData}))){
vErrors = vErrors === null ? validate20.errors : vErrors.concat(validate20.errors);
errors = vErrors.length;
}
}
}
else {
const err31 = {instancePath:instancePath+"/stages",schemaPath:"#/properties/stages/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.stages.type,parentSchema:schema11.properties.stages,data:data13};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.targets !== undefined){
let data15 = data.targets;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key10 in data15){
const _errs47 = errors;
if(typeof key10 === "string"){
if(!pattern0.test(key10)){
const err32 = {instancePath:instancePath+"/targets",schemaPath:"#/definitions/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z][A-Za-z0-9_-]{0,99}$"},message:"must match pattern \""+"^[A-Za-z][A-Za-z0-9_-]{0,99}$"+"\"",schema:"^[A-Za-z][A-Za-z0-9_-]{0,99}$",parentSchema:schema12,data:key10,propertyName:key10};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/targets",schemaPath:"#/definitions/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key10,propertyName:key10};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
var valid16 = _errs47 === errors;
if(!valid16){
const err34 = {instancePath:instancePath+"/targets",schemaPath:"#/properties/targets/propertyNames",keyword:"propertyNames",params:{propertyName: key10},message:"property name must be valid",schema:schema11.properties.targets.propertyNames,parentSchema:schema11.properties.targets,data:data15};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
for(const key11 in data15){
if(!(validate32(data15[key11], {instancePath:instancePath+"/targets/" + key11.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data15,parentDataProperty:key11,rootData}))){
vErrors = vErrors === null ? validate32.errors : vErrors.concat(validate32.errors);
errors = vErrors.length;
}
}
}
else {
const err35 = {instancePath:instancePath+"/targets",schemaPath:"#/properties/targets/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.targets.type,parentSchema:schema11.properties.targets,data:data15};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data.default !== undefined){
let data17 = data.default;
if(Array.isArray(data17)){
const len0 = data17.length;
for(let i0=0; i0<len0; i0++){
let data18 = data17[i0];
if(typeof data18 !== "string"){
const err36 = {instancePath:instancePath+"/default/" + i0,schemaPath:"#/definitions/patterns/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.items.type,parentSchema:schema70.items,data:data18};
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
const err37 = {instancePath:instancePath+"/default",schemaPath:"#/definitions/patterns/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema70.type,parentSchema:schema70,data:data17};
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
const err38 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.type,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}

