<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>told by the bytes</source>
        <translation>reconnu aux octets</translation>
    </message>
    <message>
        <source>in no known format of features</source>
        <translation>dans aucun format connu d’entités</translation>
    </message>
    <message>
        <source>compressed, and damaged or cut off</source>
        <translation>compressé, et endommagé ou coupé</translation>
    </message>
    <message>
        <source>nothing in it is a geometry</source>
        <translation>rien n’y est une géométrie</translation>
    </message>
    <message>
        <source>several geometries: name the one by its field</source>
        <translation>plusieurs géométries : nommez la bonne par son champ</translation>
    </message>
    <message>
        <source>neither the value nor the parameter names the CRS</source>
        <translation>ni la valeur ni le paramètre ne nomment le SCR</translation>
    </message>
    <message>
        <source>a CRS that is not known</source>
        <translation>un SCR qui n’est pas connu</translation>
    </message>
    <message>
        <source>degrees beyond the globe: another CRS, or latitude before longitude</source>
        <translation>des degrés hors du globe : un autre SCR, ou la latitude avant la longitude</translation>
    </message>
    <message>
        <source>a coordinate that is no finite number</source>
        <translation>une coordonnée qui n’est pas un nombre fini</translation>
    </message>
    <message>
        <source>half written</source>
        <translation>à moitié écrit</translation>
    </message>
    <message>
        <source>a ring of fewer than three places</source>
        <translation>un anneau de moins de trois points</translation>
    </message>
    <message>
        <source>an empty polygon among several</source>
        <translation>un polygone vide parmi plusieurs</translation>
    </message>
    <message>
        <source>nested too deep</source>
        <translation>trop d’imbrications</translation>
    </message>
    <message>
        <source>a curve</source>
        <translation>une courbe</translation>
    </message>
    <message>
        <source>not a sound geometry</source>
        <translation>pas une géométrie valable</translation>
    </message>
    <message>
        <source>the key holds another type of value</source>
        <translation>la clé contient un autre type de valeur</translation>
    </message>
    <message>
        <source>the same key or id as a feature before</source>
        <translation>la même clé ou le même identifiant qu’une entité précédente</translation>
    </message>
    <message>
        <source>no key: its expression gives nothing</source>
        <translation>pas de clé : son expression ne donne rien</translation>
    </message>
    <message>
        <source>there already</source>
        <translation>déjà présente</translation>
    </message>
    <message>
        <source>{key}: {reason}</source>
        <translation>{key} : {reason}</translation>
    </message>
    <message>
        <source>GeoJSON, a key for each feature</source>
        <translation>GeoJSON, une clé par entité</translation>
    </message>
    <message>
        <source>GeoJSON, one collection in one key</source>
        <translation>GeoJSON, une collection dans une clé</translation>
    </message>
    <message>
        <source>hash with WKT</source>
        <translation>hash avec WKT</translation>
    </message>
    <message>
        <source>JSON document (RedisJSON)</source>
        <translation>document JSON (RedisJSON)</translation>
    </message>
    <message>
        <source>WKB</source>
        <translation>WKB</translation>
    </message>
    <message>
        <source>A layer of any geometry, in any CRS.</source>
        <translation>Une couche de toute géométrie, dans tout SCR.</translation>
    </message>
    <message>
        <source>Text with expressions in [% %], such as zone:[% "code" %]: each feature gets the key that they give. For one collection, the name of its key. Braces stay as they are: a cluster keeps keys with the same {tag} together.</source>
        <translation>Texte avec des expressions entre [% %], comme zone:[% "code" %] : chaque entité reçoit la clé qu’elles donnent. Pour une collection, le nom de sa clé. Les accolades restent telles quelles : un cluster garde ensemble les clés de même {tag}.</translation>
    </message>
    <message>
        <source>A hash and a document hold the geometry as WKT in geom, beside srid and the attributes. WKB holds no attributes.</source>
        <translation>Un hash et un document contiennent la géométrie en WKT dans geom, à côté de srid et des attributs. Le WKB ne contient pas d’attributs.</translation>
    </message>
    <message>
        <source>The attributes that are written. Empty: all of them.</source>
        <translation>Les attributs qui sont écrits. Vide : tous.</translation>
    </message>
    <message>
        <source>After so many seconds the keys expire. 0: never.</source>
        <translation>Après ce nombre de secondes, les clés expirent. 0 : jamais.</translation>
    </message>
    <message>
        <source>add new features and change known ones</source>
        <translation>ajouter les nouvelles entités et modifier les connues</translation>
    </message>
    <message>
        <source>add only new features</source>
        <translation>ajouter seulement les nouvelles entités</translation>
    </message>
    <message>
        <source>replace the set</source>
        <translation>remplacer le jeu</translation>
    </message>
    <message>
        <source>A feature is known by its key, within one collection by its id. Replacing also deletes the features that this algorithm published before and the layer no longer has; the log says how many before it does.</source>
        <translation>Une entité se reconnaît à sa clé, dans une collection à son identifiant. Remplacer supprime aussi les entités que cet algorithme avait publiées et que la couche n’a plus ; le journal dit combien avant de le faire.</translation>
    </message>
    <message>
        <source>Name of an index of the query engine (Redis 8 and Redis Stack) over these keys, for hashes and documents. One of that name which is there already stays as it is.</source>
        <translation>Nom d’un index du moteur de requêtes (Redis 8 et Redis Stack) sur ces clés, pour les hashs et les documents. S’il en existe un de ce nom, il reste tel qu’il est.</translation>
    </message>
    <message>
        <source>For one collection: what tells its features apart. Empty: the number of the feature.</source>
        <translation>Pour une collection : ce qui distingue ses entités. Vide : le numéro de l’entité.</translation>
    </message>
    <message>
        <source>Name the key, or a template of keys such as zone:[% $id %].</source>
        <translation>Nommez la clé, ou un modèle de clés comme zone:[% $id %].</translation>
    </message>
    <message>
        <source>Each feature needs a key of its own: zone:[% $id %]. One key holds one collection.</source>
        <translation>Chaque entité a besoin d’une clé à elle : zone:[% $id %]. Une seule clé contient une collection.</translation>
    </message>
    <message>
        <source>A collection stands in one key: name it without an expression.</source>
        <translation>Une collection se trouve dans une seule clé : nommez-la sans expression.</translation>
    </message>
    <message>
        <source>The query engine indexes hashes and documents: choose one of these formats.</source>
        <translation>Le moteur de requêtes indexe les hashs et les documents : choisissez l’un de ces formats.</translation>
    </message>
    <message>
        <source>For an index the keys must begin with a text, such as zone:.</source>
        <translation>Pour un index, les clés doivent commencer par un texte, comme zone:.</translation>
    </message>
    <message>
        <source>Publish features</source>
        <translation>Publier des entités</translation>
    </message>
    <message>
        <source>redis,features,geojson,wkt,wkb,json,zones,geofences,export,index</source>
        <translation>redis,entités,geojson,wkt,wkb,json,zones,périmètres,exporter,index</translation>
    </message>
    <message>
        <source>Writes the features of a layer to Redis, each under a key of its own or all in one. The template of the keys holds expressions as map tips do: zone:[% "code" %]. GeoJSON, hashes and documents are in WGS 84 (EPSG:4326), as their readers expect; WKB keeps the CRS of the layer where it has an EPSG code. Replacing happens in one step, except on a cluster, and deletes only keys that this algorithm has published under the same template and that still hold what it writes: they stand in a book, the set entites_publiees: and the template. A key that holds another type of value is never written over.</source>
        <translation>Écrit les entités d’une couche dans Redis, chacune sous sa clé ou toutes dans une seule. Le modèle des clés contient des expressions, comme les infobulles de carte : zone:[% "code" %]. GeoJSON, hashs et documents sont en WGS 84 (EPSG:4326), comme leurs lecteurs l’attendent ; le WKB garde le SCR de la couche si elle a un code EPSG. Le remplacement se fait en une fois, sauf sur un cluster, et ne supprime que des clés que cet algorithme a publiées avec le même modèle et qui contiennent encore ce qu’il écrit : elles sont dans un livre, l’ensemble entites_publiees: suivi du modèle. Une clé qui contient un autre type de valeur n’est jamais écrasée.</translation>
    </message>
    <message>
        <source>Key, or template of the keys</source>
        <translation>Clé, ou modèle des clés</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Attributes</source>
        <translation>Attributs</translation>
    </message>
    <message>
        <source>Index to create</source>
        <translation>Index à créer</translation>
    </message>
    <message>
        <source>Number of features written</source>
        <translation>Nombre d’entités écrites</translation>
    </message>
    <message>
        <source>Number of refused features</source>
        <translation>Nombre d’entités refusées</translation>
    </message>
    <message>
        <source>No index: this server has no query engine (Redis 8, Redis Stack).</source>
        <translation>Pas d’index : ce serveur n’a pas de moteur de requêtes (Redis 8, Redis Stack).</translation>
    </message>
    <message>
        <source>Added: {added}. Changed: {changed}. Left as they were: {kept}. Deleted: {deleted}.</source>
        <translation>Ajoutées : {added}. Modifiées : {changed}. Laissées telles quelles : {kept}. Supprimées : {deleted}.</translation>
    </message>
    <message>
        <source>Features whose curves were written as lines: {n}</source>
        <translation>Entités dont les courbes ont été écrites en lignes : {n}</translation>
    </message>
    <message>
        <source>The key holds something else than a collection of features: {kind}</source>
        <translation>La clé contient autre chose qu’une collection d’entités : {kind}</translation>
    </message>
    <message>
        <source>No longer in the layer, and now deleted: {n}</source>
        <translation>Absentes de la couche, et supprimées maintenant : {n}</translation>
    </message>
    <message>
        <source>The index {name} was there already.</source>
        <translation>L’index {name} existait déjà.</translation>
    </message>
    <message>
        <source>An expression of the key cannot be read: {why}</source>
        <translation>Une expression de la clé ne peut pas être lue : {why}</translation>
    </message>
    <message>
        <source>How the features are written. Told by the bytes: each value by its own first bytes.</source>
        <translation>Comment les entités sont écrites. Reconnu aux octets : chaque valeur à ses premiers octets.</translation>
    </message>
    <message>
        <source>The field of a hash or the member of a document that holds the geometry, with dots between names that lie in each other: feature.geom. Empty: found by itself.</source>
        <translation>Le champ d’un hash ou le membre d’un document qui contient la géométrie, avec des points entre les noms imbriqués : feature.geom. Vide : trouvé tout seul.</translation>
    </message>
    <message>
        <source>GeoJSON, polylines and PostGIS's WKB with an SRID say their CRS, plain WKT and WKB do not. Empty: such values are refused.</source>
        <translation>GeoJSON, les polylignes et le WKB de PostGIS avec un SRID disent leur SCR, le WKT et le WKB simples ne le disent pas. Vide : ces valeurs sont refusées.</translation>
    </message>
    <message>
        <source>The attribute that tells a feature apart. Empty: the feature's own id, else what changes in the key.</source>
        <translation>L’attribut qui distingue une entité. Vide : l’identifiant propre de l’entité, sinon ce qui change dans la clé.</translation>
    </message>
    <message>
        <source>Off: of each id the latest entry. On: every entry, in the order in which it was added.</source>
        <translation>Non : la dernière entrée de chaque identifiant. Oui : chaque entrée, dans l’ordre où elle a été ajoutée.</translation>
    </message>
    <message>
        <source>Read features</source>
        <translation>Lire des entités</translation>
    </message>
    <message>
        <source>redis,features,geojson,wkt,wkb,polyline,topojson,json,zones,geofences,import</source>
        <translation>redis,entités,geojson,wkt,wkb,polyligne,topojson,json,zones,périmètres,importer</translation>
    </message>
    <message>
        <source>Reads features of any geometry from Redis: GeoJSON, WKT, WKB (also PostGIS's and Debezium's), encoded polylines, Esri JSON and TopoJSON, compressed or not, in strings, hashes, lists, streams and JSON documents, one a key or a whole collection in one key. Each value's format is told by its bytes. A value whose CRS is nowhere said is refused until the parameter says it; nothing is guessed. Values that cannot be right are refused alone, counted, and listed in the log with their key and the reason; rings that were left open are closed. Points, lines and polygons go to an output each, with the key (redis_key), what tells a feature apart (redis_id), and the attributes.</source>
        <translation>Lit des entités de toute géométrie dans Redis : GeoJSON, WKT, WKB (aussi ceux de PostGIS et de Debezium), polylignes encodées, Esri JSON et TopoJSON, compressés ou non, dans des chaînes, des hashs, des listes, des flux et des documents JSON, une par clé ou toute une collection dans une clé. Le format de chaque valeur se reconnaît à ses octets. Une valeur dont le SCR n’est dit nulle part est refusée jusqu’à ce que le paramètre le dise ; rien n’est deviné. Les valeurs qui ne peuvent pas être justes sont refusées seules, comptées, et listées dans le journal avec leur clé et la raison ; les anneaux laissés ouverts sont fermés. Points, lignes et polygones vont chacun dans une sortie, avec la clé (redis_key), ce qui distingue l’entité (redis_id) et les attributs.</translation>
    </message>
    <message>
        <source>Features in Redis</source>
        <translation>Entités dans Redis</translation>
    </message>
    <message>
        <source>Field of the geometry</source>
        <translation>Champ de la géométrie</translation>
    </message>
    <message>
        <source>CRS of values that name none</source>
        <translation>SCR des valeurs qui n’en nomment pas</translation>
    </message>
    <message>
        <source>All entries of a stream</source>
        <translation>Toutes les entrées d’un flux</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>Lignes</translation>
    </message>
    <message>
        <source>The features of this kind; a collection gives each output its part.</source>
        <translation>Les entités de ce genre ; une collection donne à chaque sortie sa part.</translation>
    </message>
    <message>
        <source>Number of features</source>
        <translation>Nombre d’entités</translation>
    </message>
    <message>
        <source>Number of refused values</source>
        <translation>Nombre de valeurs refusées</translation>
    </message>
    <message>
        <source>Name the keys of the features, such as zone:*.</source>
        <translation>Nommez les clés des entités, comme zone:*.</translation>
    </message>
    <message>
        <source>Not written, as {output} was not asked for: {n}</source>
        <translation>Pas écrites, car {output} n’a pas été demandé : {n}</translation>
    </message>
    <message>
        <source>No key holds anything: {source}</source>
        <translation>Aucune clé ne contient rien : {source}</translation>
    </message>
    <message>
        <source>Open rings that were closed: {n}</source>
        <translation>Anneaux ouverts qui ont été fermés : {n}</translation>
    </message>
    <message>
        <source>A pattern of keys such as zone:*, the name of one key, or that of an index of the query engine, whose keys are read.</source>
        <translation>Un motif de clés comme zone:*, le nom d’une clé, ou celui d’un index du moteur de requêtes, dont les clés sont lues.</translation>
    </message>
    <message>
        <source>The collection in this key has another CRS ({crs}), and what is published is in WGS 84: choose another key, or replace the set.</source>
        <translation>La collection de cette clé a un autre SCR ({crs}), et ce qui est publié est en WGS 84 : choisissez une autre clé, ou remplacez le jeu.</translation>
    </message>
    <message>
        <source>This server has no time series. Redis 8 and Redis Stack have them.</source>
        <translation>Ce serveur n’a pas de séries temporelles. Redis 8 et Redis Stack en ont.</translation>
    </message>
    <message>
        <source>No time series has these labels.</source>
        <translation>Aucune série temporelle n’a ces étiquettes.</translation>
    </message>
    <message>
        <source>The filter is not understood: {words}. It is written fleet=north coord=(lon,lat).</source>
        <translation>Le filtre n’est pas compris : {words}. Il s’écrit fleet=north coord=(lon,lat).</translation>
    </message>
    <message>
        <source>More than {n} time series have these labels: narrow the filter.</source>
        <translation>Plus de {n} séries temporelles ont ces étiquettes : resserrez le filtre.</translation>
    </message>
    <message>
        <source>None of these series has the label {label}. Their labels: {names}.</source>
        <translation>Aucune de ces séries n’a l’étiquette {label}. Leurs étiquettes : {names}.</translation>
    </message>
    <message>
        <source>No label tells which series is the longitude and which the latitude of a vehicle. Choose COORDINATE_LABEL, X_VALUE, Y_VALUE and ID_LABEL. Labels: {names}.</source>
        <translation>Aucune étiquette ne dit quelle série est la longitude et laquelle la latitude d’un véhicule. Choisissez COORDINATE_LABEL, X_VALUE, Y_VALUE et ID_LABEL. Étiquettes : {names}.</translation>
    </message>
    <message>
        <source>Several labels name coordinates: {names}. Choose COORDINATE_LABEL.</source>
        <translation>Plusieurs étiquettes nomment des coordonnées : {names}. Choisissez COORDINATE_LABEL.</translation>
    </message>
    <message>
        <source>It is not certain which label tells the vehicles apart: {names}. Choose ID_LABEL, or narrow the filter.</source>
        <translation>Il n’est pas certain quelle étiquette distingue les véhicules : {names}. Choisissez ID_LABEL, ou resserrez le filtre.</translation>
    </message>
    <message>
        <source>What the coordinates mean is not certain. Choose {parameters}.</source>
        <translation>Le sens des coordonnées n’est pas certain. Choisissez {parameters}.</translation>
    </message>
    <message>
        <source>Empty: as the labels and the values tell.</source>
        <translation>Vide : selon les étiquettes et les valeurs.</translation>
    </message>
    <message>
        <source>The first {most} of {count} labels are fields; the others are left out.</source>
        <translation>Les {most} premières étiquettes sur {count} sont des champs ; les autres sont omises.</translation>
    </message>
    <message>
        <source>Which series, as the server takes it: conditions with spaces between, such as fleet=north coord=(lon,lat). Labels and values with spaces stand in quotes.</source>
        <translation>Quelles séries, comme le serveur l’entend : des conditions séparées par des espaces, telles que fleet=north coord=(lon,lat). Les étiquettes et valeurs avec des espaces se mettent entre guillemets droits.</translation>
    </message>
    <message>
        <source>Samples before this moment are left out. Empty: from the beginning.</source>
        <translation>Les mesures d’avant ce moment sont omises. Vide : depuis le début.</translation>
    </message>
    <message>
        <source>Samples after this moment are left out. Empty: to the end.</source>
        <translation>Les mesures d’après ce moment sont omises. Vide : jusqu’à la fin.</translation>
    </message>
    <message>
        <source>Where a vehicle has no position for longer, its line is cut.</source>
        <translation>Là où un véhicule n’a pas de position pendant plus longtemps, sa ligne est coupée.</translation>
    </message>
    <message>
        <source>A multi-line for each vehicle, in EPSG:4326, with its start, its end, its number of vertices and the labels that both of its series have.</source>
        <translation>Une multiligne par véhicule, en EPSG:4326, avec son début, sa fin, son nombre de sommets et les étiquettes que ses deux séries ont en commun.</translation>
    </message>
    <message>
        <source>Both coordinates of a position may be so much apart in time, where each is stored by itself. 0: they have the same time.</source>
        <translation>Les deux coordonnées d’une position peuvent être éloignées d’autant dans le temps, si chacune est enregistrée à part. 0 : elles ont la même heure.</translation>
    </message>
    <message>
        <source>Of the values of the series. Empty: degrees (EPSG:4326).</source>
        <translation>Des valeurs des séries. Vide : degrés (EPSG:4326).</translation>
    </message>
    <message>
        <source>Longitude: {field}={x}; latitude: {field}={y}; vehicle: {id}</source>
        <translation>Longitude : {field}={x} ; latitude : {field}={y} ; véhicule : {id}</translation>
    </message>
    <message>
        <source>{id}: more than a million samples; choose a shorter time</source>
        <translation>{id} : plus d’un million de mesures ; choisissez une période plus courte</translation>
    </message>
    <message>
        <source>Read tracks of time series</source>
        <translation>Lire les traces de séries temporelles</translation>
    </message>
    <message>
        <source>redis,time series,labels,tracks,trajectories,history,TS.MRANGE,TS.RANGE,RedisTimeSeries</source>
        <translation>redis,séries temporelles,étiquettes,traces,trajectoires,historique,TS.MRANGE,TS.RANGE,RedisTimeSeries</translation>
    </message>
    <message>
        <source>Reads the ways of vehicles from time series in Redis (Redis 8, Redis Stack), one series for each coordinate, found by their labels. Which label says the coordinate and which the vehicle is told from the labels and the latest values; what they do not decide is asked, not guessed. The M value of each vertex is the time of its samples in seconds since 1970 UTC. Where one of the coordinates is missing at a time, the line is cut.</source>
        <translation>Lit les trajets de véhicules dans des séries temporelles de Redis (Redis 8, Redis Stack), une série par coordonnée, trouvées par leurs étiquettes. Quelle étiquette dit la coordonnée et laquelle le véhicule se lit dans les étiquettes et les dernières valeurs ; ce qu’elles ne décident pas est demandé, pas deviné. La valeur M de chaque sommet est l’heure de ses mesures en secondes depuis 1970 UTC. Là où une des coordonnées manque à une heure, la ligne est coupée.</translation>
    </message>
    <message>
        <source>Filter of the labels</source>
        <translation>Filtre des étiquettes</translation>
    </message>
    <message>
        <source>Tracks</source>
        <translation>Traces</translation>
    </message>
    <message>
        <source>Label of the vehicle</source>
        <translation>Étiquette du véhicule</translation>
    </message>
    <message>
        <source>Tells the vehicles apart, such as vehicle.</source>
        <translation>Distingue les véhicules, par exemple vehicle.</translation>
    </message>
    <message>
        <source>Label of the coordinate</source>
        <translation>Étiquette de la coordonnée</translation>
    </message>
    <message>
        <source>Says which coordinate a series is, such as coord.</source>
        <translation>Dit quelle coordonnée est une série, par exemple coord.</translation>
    </message>
    <message>
        <source>Its value for the longitude (x)</source>
        <translation>Sa valeur pour la longitude (x)</translation>
    </message>
    <message>
        <source>Its value for the latitude (y)</source>
        <translation>Sa valeur pour la latitude (y)</translation>
    </message>
    <message>
        <source>Samples of one position apart (milliseconds, 0: not at all)</source>
        <translation>Écart des mesures d’une position (millisecondes, 0 : aucun)</translation>
    </message>
    <message>
        <source>X_VALUE and Y_VALUE belong together: one of them is empty.</source>
        <translation>X_VALUE et Y_VALUE vont ensemble : l’un des deux est vide.</translation>
    </message>
    <message>
        <source>Samples without the other coordinate at their time: {n}</source>
        <translation>Mesures sans l’autre coordonnée à leur heure : {n}</translation>
    </message>
    <message>
        <source>Positions that are none on the globe: {n}</source>
        <translation>Positions qui ne sont pas sur le globe : {n}</translation>
    </message>
    <message>
        <source>Vehicles with too many samples, left out: {n}</source>
        <translation>Véhicules avec trop de mesures, omis : {n}</translation>
    </message>
    <message>
        <source>{id}: no two positions make a line</source>
        <translation>{id} : pas deux positions pour faire une ligne</translation>
    </message>
    <message>
        <source>changed by another client since it was read</source>
        <translation>modifiée par un autre client depuis la lecture</translation>
    </message>
    <message>
        <source>deleted by another client since it was read</source>
        <translation>supprimée par un autre client depuis la lecture</translation>
    </message>
    <message>
        <source>several features of one key have this id</source>
        <translation>plusieurs entités d’une même clé ont cet identifiant</translation>
    </message>
    <message>
        <source>{layer}: edits are written into Redis whenever you save them.</source>
        <translation>{layer} : les modifications sont écrites dans Redis chaque fois que vous les enregistrez.</translation>
    </message>
    <message>
        <source>Writing edits into Redis</source>
        <translation>Écriture des modifications dans Redis</translation>
    </message>
    <message>
        <source>{counts} Not written: {n}: {which}. The layer shows what the server has.</source>
        <translation>{counts} Non écrites : {n} : {which}. La couche montre ce que le serveur contient.</translation>
    </message>
    <message>
        <source>Write edits into Redis</source>
        <translation>Écrire les modifications dans Redis</translation>
    </message>
    <message>
        <source>{layer}: its fields are no longer those that were read. Nothing was written.</source>
        <translation>{layer} : ses champs ne sont plus ceux qui ont été lus. Rien n’a été écrit.</translation>
    </message>
    <message>
        <source>{layer}: new features: {n}. They have no key: publish them. They are not in Redis.</source>
        <translation>{layer} : nouvelles entités : {n}. Elles n’ont pas de clé : publiez-les. Elles ne sont pas dans Redis.</translation>
    </message>
    <message>
        <source>Delete features in Redis</source>
        <translation>Supprimer des entités dans Redis</translation>
    </message>
    <message>
        <source>Only layers of features that were read from Redis can be written back.</source>
        <translation>Seules les couches d’entités lues dans Redis peuvent y être réécrites.</translation>
    </message>
    <message>
        <source>{layer}: not all edits are in Redis: {why}</source>
        <translation>{layer} : toutes les modifications ne sont pas dans Redis : {why}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>{layer}: changed in Redis: {changed}, deleted: {deleted}.</source>
        <translation>{layer} : modifiées dans Redis : {changed}, supprimées : {deleted}.</translation>
    </message>
    <message>
        <source>{layer}: edits stay in the layer.</source>
        <translation>{layer} : les modifications restent dans la couche.</translation>
    </message>
    <message>
        <source>{layer}: features deleted in QGIS: {n}. Delete them in Redis too?</source>
        <translation>{layer} : entités supprimées dans QGIS : {n}. Les supprimer aussi dans Redis ?</translation>
    </message>
    <message>
        <source>{set}: points</source>
        <translation>{set} : points</translation>
    </message>
    <message>
        <source>{set}: lines</source>
        <translation>{set} : lignes</translation>
    </message>
    <message>
        <source>{set}: polygons</source>
        <translation>{set} : polygones</translation>
    </message>
    <message>
        <source>points: {n}</source>
        <translation>points : {n}</translation>
    </message>
    <message>
        <source>lines: {n}</source>
        <translation>lignes : {n}</translation>
    </message>
    <message>
        <source>polygons: {n}</source>
        <translation>polygones : {n}</translation>
    </message>
    <message>
        <source>of several kinds: {n}</source>
        <translation>de plusieurs genres : {n}</translation>
    </message>
    <message>
        <source>without geometry: {n}</source>
        <translation>sans géométrie : {n}</translation>
    </message>
    <message>
        <source>Add to the map as…</source>
        <translation>Ajouter à la carte en tant que…</translation>
    </message>
    <message>
        <source>No GEO set, no feed and no features found</source>
        <translation>Ni ensemble GEO, ni flux, ni entités trouvés</translation>
    </message>
    <message>
        <source>{layer}: saved edits that may not be in Redis: {n}. The plugin was ended before that.</source>
        <translation>{layer} : modifications enregistrées qui ne sont peut-être pas dans Redis : {n}. L’extension s’est arrêtée avant.</translation>
    </message>
    <message>
        <source>{layer}: save or discard its edits first, and end the editing.</source>
        <translation>{layer} : enregistrez ou annulez d’abord ses modifications, et quittez le mode édition.</translation>
    </message>
    <message>
        <source>{keys}, field {field} ({type})</source>
        <translation>{keys}, champ {field} ({type})</translation>
    </message>
    <message>
        <source>its format cannot hold this: publish it in another with Publish features</source>
        <translation>son format ne peut pas contenir cela : publiez-le dans un autre avec Publier des entités</translation>
    </message>
    <message>
        <source>this format is only read: publish it in another with Publish features</source>
        <translation>ce format est seulement lu : publiez l’entité dans un autre avec Publier des entités</translation>
    </message>
    <message>
        <source>an entry of a stream or the telling of a change, which are never changed: its producer has to send a new one</source>
        <translation>une entrée d’un flux ou l’annonce d’un changement, qui ne se modifient jamais : c’est à leur producteur d’en envoyer une nouvelle</translation>
    </message>
    <message>
        <source>only a part of what is stored, or made of it: change the value under the key itself</source>
        <translation>seulement une partie de ce qui est enregistré, ou tiré de cela : modifiez la valeur de la clé elle-même</translation>
    </message>
    <message>
        <source>an attribute that several features have together: change the value under the key itself</source>
        <translation>un attribut que plusieurs entités ont en commun : modifiez la valeur de la clé elle-même</translation>
    </message>
    <message>
        <source>{field} at {path}</source>
        <translation>{field} en {path}</translation>
    </message>
    <message>
        <source>; {n} could not be indexed</source>
        <translation> ; {n} n’ont pas pu être indexés</translation>
    </message>
</context>
</TS>
