<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Live: start or stop</source>
        <translation>Direct : démarrer ou arrêter</translation>
    </message>
    <message>
        <source>Save positions</source>
        <translation>Enregistrement des positions</translation>
    </message>
    <message>
        <source>{feed}: {problem} The map keeps what it shows; the feed goes on by itself.</source>
        <translation>{feed} : {problem} La carte garde ce qu’elle montre ; le flux reprendra de lui-même.</translation>
    </message>
    <message>
        <source>Start all feeds of the project, or stop them. Without a feed: find positions in Redis.</source>
        <translation>Démarre tous les flux du projet, ou les arrête. Sans flux : cherche des positions dans Redis.</translation>
    </message>
    <message>
        <source>No Redis connection is set up. Add one under Settings, Options, Redis Geo, then find positions.</source>
        <translation>Aucune connexion Redis n’est configurée. Ajoutez-en une sous Préférences, Options, Redis Geo, puis cherchez des positions.</translation>
    </message>
    <message>
        <source>Refused records with a position: {n}</source>
        <translation>Enregistrements refusés ayant une position : {n}</translation>
    </message>
    <message>
        <source>The polygons could not be read.</source>
        <translation>Les polygones n’ont pas pu être lus.</translation>
    </message>
    <message>
        <source>{events}, and {n} more</source>
        <translation>{events}, et {n} autres</translation>
    </message>
    <message>
        <source>Positions saved with their time: {n}</source>
        <translation>Positions enregistrées avec leur date et heure : {n}</translation>
    </message>
    <message>
        <source>The positions could not be saved to {path}.</source>
        <translation>Les positions n’ont pas pu être enregistrées dans {path}.</translation>
    </message>
    <message>
        <source>{feed}: connected again.</source>
        <translation>{feed} : connexion rétablie.</translation>
    </message>
    <message>
        <source>Live positions</source>
        <translation>Positions en direct</translation>
    </message>
    <message>
        <source>No feed yet. Find positions looks at what stands in Redis and proposes what can be shown on the map.</source>
        <translation>Aucun flux pour l’instant. « Chercher des positions » examine ce que contient Redis et propose ce qui peut être montré sur la carte.</translation>
    </message>
    <message>
        <source>Vehicles</source>
        <translation>Véhicules</translation>
    </message>
    <message>
        <source>Trails and rewind</source>
        <translation>Traces et retour arrière</translation>
    </message>
    <message>
        <source>Geofences</source>
        <translation>Périmètres</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refusés</translation>
    </message>
    <message>
        <source>Find positions…</source>
        <translation>Chercher des positions…</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Démarrer</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Suspendre</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>How far the map may be behind, at most: changes are read soon enough before</source>
        <translation>Retard maximal de la carte : les changements sont lus assez tôt pour le tenir</translation>
    </message>
    <message>
        <source>Every</source>
        <translation>Toutes les</translation>
    </message>
    <message>
        <source>Feed</source>
        <translation>Flux</translation>
    </message>
    <message>
        <source>Updates/s</source>
        <translation>Mises à jour/s</translation>
    </message>
    <message>
        <source>Lag</source>
        <translation>Retard</translation>
    </message>
    <message>
        <source>{n} ms</source>
        <translation>{n} ms</translation>
    </message>
    <message>
        <source>Say it in the message bar</source>
        <translation>Le signaler dans la barre de messages</translation>
    </message>
    <message>
        <source>Write it to the Redis stream flux:geofences</source>
        <translation>L’écrire dans le flux Redis flux:geofences</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Surveiller</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>Polygones</translation>
    </message>
    <message>
        <source>entered</source>
        <translation>est entré</translation>
    </message>
    <message>
        <source>left</source>
        <translation>est sorti</translation>
    </message>
    <message>
        <source>crossed</source>
        <translation>a traversé</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Heure</translation>
    </message>
    <message>
        <source>Vehicle</source>
        <translation>Véhicule</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Événement</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>Polygone</translation>
    </message>
    <message>
        <source>{vehicle} {did} {polygon}</source>
        <translation>{vehicle} {did} : {polygon}</translation>
    </message>
    <message>
        <source>Looked at {seen} of {total} keys; {n} kinds of positions found.</source>
        <translation>{seen} clés examinées sur {total} ; sortes de positions trouvées : {n}.</translation>
    </message>
    <message>
        <source>Find positions in Redis</source>
        <translation>Chercher des positions dans Redis</translation>
    </message>
    <message>
        <source>All keys; or a pattern such as vehicule:*</source>
        <translation>Toutes les clés ; ou un motif comme vehicule:*</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Aperçu</translation>
    </message>
    <message>
        <source>Add to the map</source>
        <translation>Ajouter à la carte</translation>
    </message>
    <message>
        <source>Looking at what stands in Redis…</source>
        <translation>Examen du contenu de Redis…</translation>
    </message>
    <message>
        <source>Looked at {seen} of {total} keys and found no positions. A pattern finds what the sample missed.</source>
        <translation>{seen} clés examinées sur {total}, sans position. Un motif trouve ce que l’échantillon a manqué.</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>Identifiant</translation>
    </message>
    <message>
        <source>Longitude</source>
        <translation>Longitude</translation>
    </message>
    <message>
        <source>Latitude</source>
        <translation>Latitude</translation>
    </message>
    <message>
        <source>Time (UTC)</source>
        <translation>Heure (UTC)</translation>
    </message>
    <message>
        <source>Heading</source>
        <translation>Cap</translation>
    </message>
    <message>
        <source>Speed (km/h)</source>
        <translation>Vitesse (km/h)</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Sorte</translation>
    </message>
    <message>
        <source>Looks right</source>
        <translation>Vraisemblance</translation>
    </message>
    <message>
        <source>Refused among the sample: {n}</source>
        <translation>Refusés dans l’échantillon : {n}</translation>
    </message>
    <message>
        <source>seconds since 1970</source>
        <translation>secondes depuis 1970</translation>
    </message>
    <message>
        <source>milliseconds since 1970</source>
        <translation>millisecondes depuis 1970</translation>
    </message>
    <message>
        <source>ISO 8601 with a zone</source>
        <translation>ISO 8601 avec fuseau</translation>
    </message>
    <message>
        <source>ISO 8601 without a zone, read as UTC</source>
        <translation>ISO 8601 sans fuseau, lu comme UTC</translation>
    </message>
    <message>
        <source>unknown form</source>
        <translation>forme inconnue</translation>
    </message>
    <message>
        <source>{good} of {rows} records looked at hold a position.</source>
        <translation>{good} enregistrements examinés sur {rows} ont une position.</translation>
    </message>
    <message>
        <source>Longitude is {lon}, latitude is {lat}.</source>
        <translation>La longitude est {lon}, la latitude {lat}.</translation>
    </message>
    <message>
        <source>{field} holds both, read as longitude, latitude.</source>
        <translation>{field} contient les deux, lus comme longitude, latitude.</translation>
    </message>
    <message>
        <source>{field} holds both, read as latitude, longitude.</source>
        <translation>{field} contient les deux, lus comme latitude, longitude.</translation>
    </message>
    <message>
        <source>The time of the report is {field}: {form}.</source>
        <translation>L’heure du relevé est {field} : {form}.</translation>
    </message>
    <message>
        <source>No time of report: the moment of reading is taken.</source>
        <translation>Pas d’heure de relevé : le moment de la lecture est retenu.</translation>
    </message>
    <message>
        <source>Heading: {heading}; speed: {speed} ({unit}).</source>
        <translation>Cap : {heading} ; vitesse : {speed} ({unit}).</translation>
    </message>
    <message>
        <source>Members of a GEO set: positions as Redis holds them, to 0.6 m.</source>
        <translation>Membres d’un ensemble GEO : positions telles que Redis les garde, à 0,6 m près.</translation>
    </message>
    <message>
        <source>Details of each member stand in {template}.</source>
        <translation>Les détails de chaque membre se trouvent dans {template}.</translation>
    </message>
    <message>
        <source>A stream: its history is read too.</source>
        <translation>Un flux (stream) : son historique est lu aussi.</translation>
    </message>
    <message>
        <source>Lists, newest first: the older positions are read too.</source>
        <translation>Listes, le plus récent en tête : les positions antérieures sont lues aussi.</translation>
    </message>
    <message>
        <source>A channel is heard only while the feed runs; there is nothing to read at its start.</source>
        <translation>Un canal n’est écouté que pendant que le flux tourne ; il n’y a rien à lire au démarrage.</translation>
    </message>
    <message>
        <source>The whole fleet stands in one value, which is read anew when it changes.</source>
        <translation>Toute la flotte tient dans une valeur, relue quand elle change.</translation>
    </message>
    <message>
        <source>The lists have their newest entry at the end.</source>
        <translation>Les listes ont leur entrée la plus récente à la fin.</translation>
    </message>
    <message>
        <source>JSON string per vehicle</source>
        <translation>chaîne JSON par véhicule</translation>
    </message>
    <message>
        <source>hash per vehicle</source>
        <translation>hash par véhicule</translation>
    </message>
    <message>
        <source>one hash, a field per vehicle</source>
        <translation>un hash, un champ par véhicule</translation>
    </message>
    <message>
        <source>GEO set</source>
        <translation>Ensemble GEO</translation>
    </message>
    <message>
        <source>list per vehicle</source>
        <translation>liste par véhicule</translation>
    </message>
    <message>
        <source>channel (pub/sub)</source>
        <translation>canal (pub/sub)</translation>
    </message>
    <message>
        <source>one JSON string for the fleet</source>
        <translation>une chaîne JSON pour la flotte</translation>
    </message>
    <message>
        <source>Or both in</source>
        <translation>Ou les deux dans</translation>
    </message>
    <message>
        <source>Time of report</source>
        <translation>Heure du relevé</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Vitesse</translation>
    </message>
    <message>
        <source>Order of both</source>
        <translation>Ordre des deux</translation>
    </message>
    <message>
        <source>Form of time</source>
        <translation>Forme de l’heure</translation>
    </message>
    <message>
        <source>Unit of speed</source>
        <translation>Unité de vitesse</translation>
    </message>
    <message>
        <source>Keep vehicles whose key expired, as last seen</source>
        <translation>Garder les véhicules dont la clé a expiré, à leur dernière position</translation>
    </message>
    <message>
        <source>from the key</source>
        <translation>d’après la clé</translation>
    </message>
    <message>
        <source>longitude, latitude</source>
        <translation>longitude, latitude</translation>
    </message>
    <message>
        <source>latitude, longitude</source>
        <translation>latitude, longitude</translation>
    </message>
    <message>
        <source>as it looks</source>
        <translation>selon son aspect</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>secondes</translation>
    </message>
    <message>
        <source>milliseconds</source>
        <translation>millisecondes</translation>
    </message>
    <message>
        <source>ISO 8601</source>
        <translation>ISO 8601</translation>
    </message>
    <message>
        <source>m/s</source>
        <translation>m/s</translation>
    </message>
    <message>
        <source>km/h</source>
        <translation>km/h</translation>
    </message>
    <message>
        <source>knots</source>
        <translation>nœuds</translation>
    </message>
    <message>
        <source>mph</source>
        <translation>mph</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Reçu</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Raison</translation>
    </message>
    <message>
        <source>What it said</source>
        <translation>Contenu</translation>
    </message>
    <message>
        <source>As a layer</source>
        <translation>En couche</translation>
    </message>
    <message>
        <source>Add the refused records that have a position to the map</source>
        <translation>Ajouter à la carte les enregistrements refusés qui ont une position</translation>
    </message>
    <message>
        <source>The newest 1,000 refused records. Late ones stay in the trail.</source>
        <translation>Les 1 000 derniers enregistrements refusés. Les tardifs restent dans la trace.</translation>
    </message>
    <message>
        <source>All reasons ({n})</source>
        <translation>Toutes les raisons ({n})</translation>
    </message>
    <message>
        <source>Show trails on the map</source>
        <translation>Montrer les traces sur la carte</translation>
    </message>
    <message>
        <source>Save as GeoPackage…</source>
        <translation>Enregistrer en GeoPackage…</translation>
    </message>
    <message>
        <source>Positions and trails of the last minutes, with time for the Temporal Controller</source>
        <translation>Positions et traces des dernières minutes, datées pour le contrôleur temporel</translation>
    </message>
    <message>
        <source>Back to live</source>
        <translation>Revenir au direct</translation>
    </message>
    <message>
        <source>Save positions and trails</source>
        <translation>Enregistrer positions et traces</translation>
    </message>
    <message>
        <source>Rewind</source>
        <translation>Retour arrière</translation>
    </message>
    <message>
        <source>No trail yet.</source>
        <translation>Pas encore de trace.</translation>
    </message>
    <message>
        <source>The map shows {moment} UTC, {ago} ago. New positions wait.</source>
        <translation>La carte montre {moment} UTC, il y a {ago}. Les nouvelles positions attendent.</translation>
    </message>
    <message>
        <source>Live. {length} can be rewound.</source>
        <translation>En direct. On peut revenir {length} en arrière.</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Âge</translation>
    </message>
    <message>
        <source>Computed here, not reported: {names}</source>
        <translation>Calculé ici, non rapporté : {names}</translation>
    </message>
    <message>
        <source>Filter by id or attribute</source>
        <translation>Filtrer par identifiant ou attribut</translation>
    </message>
    <message>
        <source>In the map view only</source>
        <translation>Dans la vue de la carte seulement</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Suivre</translation>
    </message>
    <message>
        <source>Keep the chosen vehicle in the middle of the map, until you move the map</source>
        <translation>Garder le véhicule choisi au milieu de la carte, jusqu’à ce que vous la déplaciez</translation>
    </message>
    <message>
        <source>The first {shown} of {matching} matching vehicles, of {total}. Filter to see others.</source>
        <translation>Les {shown} premiers des {matching} véhicules correspondants, sur {total}. Filtrez pour voir les autres.</translation>
    </message>
    <message>
        <source>{matching} matching vehicles of {total}</source>
        <translation>{matching} véhicules correspondants sur {total}</translation>
    </message>
    <message>
        <source>Vehicles: {total}</source>
        <translation>Véhicules : {total}</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>arrêté</translation>
    </message>
    <message>
        <source>live</source>
        <translation>en direct</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>lecture…</translation>
    </message>
    <message>
        <source>clock not yet compared</source>
        <translation>horloge pas encore comparée</translation>
    </message>
    <message>
        <source>clock agrees</source>
        <translation>horloge concordante</translation>
    </message>
    <message>
        <source>This feed is stopped. The layer keeps what it showed last.</source>
        <translation>Ce flux est arrêté. La couche garde ce qu’elle montrait en dernier.</translation>
    </message>
    <message>
        <source>{d} d</source>
        <translation>{d} j</translation>
    </message>
    <message>
        <source>late: nothing new since {time}</source>
        <translation>en retard : rien de nouveau depuis {time}</translation>
    </message>
    <message>
        <source>paused since {time}</source>
        <translation>suspendu depuis {time}</translation>
    </message>
    <message>
        <source>reconnecting since {time}</source>
        <translation>reconnexion depuis {time}</translation>
    </message>
    <message>
        <source>failed at {time}</source>
        <translation>échec à {time}</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>illisible</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>trop gros</translation>
    </message>
    <message>
        <source>no position</source>
        <translation>sans position</translation>
    </message>
    <message>
        <source>outside the range of coordinates</source>
        <translation>hors des limites des coordonnées</translation>
    </message>
    <message>
        <source>position 0/0</source>
        <translation>position 0/0</translation>
    </message>
    <message>
        <source>no usable time</source>
        <translation>sans heure utilisable</translation>
    </message>
    <message>
        <source>in the future</source>
        <translation>dans le futur</translation>
    </message>
    <message>
        <source>impossible speed</source>
        <translation>vitesse impossible</translation>
    </message>
    <message>
        <source>older than the latest</source>
        <translation>plus ancien que le dernier</translation>
    </message>
    <message>
        <source>{m} min {s} s</source>
        <translation>{m} min {s} s</translation>
    </message>
    <message>
        <source>{h} h {m} min</source>
        <translation>{h} h {m} min</translation>
    </message>
    <message>
        <source>clock ahead by {time}</source>
        <translation>horloge en avance de {time}</translation>
    </message>
    <message>
        <source>reports are {time} old when they arrive</source>
        <translation>relevés vieux de {time} à leur arrivée</translation>
    </message>
    <message>
        <source>{clock} (ages corrected)</source>
        <translation>{clock} (âges corrigés)</translation>
    </message>
    <message>
        <source>Producer: {clock}.</source>
        <translation>Producteur : {clock}.</translation>
    </message>
    <message>
        <source>The server tells what changes; only that is read.</source>
        <translation>Le serveur signale ce qui change ; seul cela est lu.</translation>
    </message>
    <message>
        <source>Last change {ago} ago: {rows} rows in {ms} ms, {lag} ms after they were read.</source>
        <translation>Dernier changement il y a {ago} : {rows} lignes en {ms} ms, {lag} ms après leur lecture.</translation>
    </message>
    <message>
        <source>Polling, because the server does not tell what changes: {why}</source>
        <translation>Lecture périodique, car le serveur ne signale pas ce qui change : {why}</translation>
    </message>
    <message>
        <source>Read geofences</source>
        <translation>Lecture des périmètres</translation>
    </message>
    <message>
        <source>age (s)</source>
        <translation>âge (s)</translation>
    </message>
    <message>
        <source>{feed}: refused</source>
        <translation>{feed} : refusés</translation>
    </message>
    <message>
        <source>under 1 min</source>
        <translation>moins de 1 min</translation>
    </message>
    <message>
        <source>1 to 5 min</source>
        <translation>de 1 à 5 min</translation>
    </message>
    <message>
        <source>over 5 min</source>
        <translation>plus de 5 min</translation>
    </message>
    <message>
        <source>With heading, {age}</source>
        <translation>Avec cap, {age}</translation>
    </message>
    <message>
        <source>Position, {age}</source>
        <translation>Position, {age}</translation>
    </message>
    <message>
        <source>{feed}: trails</source>
        <translation>{feed} : traces</translation>
    </message>
    <message>
        <source>Where the positions stand: a key pattern such as vehicule:*, or the name of a GEO set, stream, list, hash or string. What the fields mean is found out from the records.</source>
        <translation>Où se trouvent les positions : un motif de clés comme vehicule:*, ou le nom d’un ensemble GEO, d’un flux (stream), d’une liste, d’un hash ou d’une chaîne. Le sens des champs est déduit des enregistrements.</translation>
    </message>
    <message>
        <source>Snapshot of positions</source>
        <translation>Instantané des positions</translation>
    </message>
    <message>
        <source>Reads the latest positions of a fleet from Redis into a point layer: JSON strings, hashes, GEO sets, streams or lists. Records that cannot be right are refused and counted by reason in the log.</source>
        <translation>Lit les dernières positions d’une flotte depuis Redis dans une couche de points : chaînes JSON, hashes, ensembles GEO, flux (streams) ou listes. Les enregistrements qui ne peuvent être justes sont refusés et comptés par raison dans le journal.</translation>
    </message>
    <message>
        <source>Vehicles whose last report is older are left out. 0: all.</source>
        <translation>Les véhicules dont le dernier relevé est plus ancien sont omis. 0 : tous.</translation>
    </message>
    <message>
        <source>A point for each vehicle, in EPSG:4326, with the time of its report in UTC.</source>
        <translation>Un point par véhicule, en EPSG:4326, avec l’heure de son relevé en UTC.</translation>
    </message>
    <message>
        <source>live,positions,fleet,vehicles,gps,redis</source>
        <translation>direct,positions,flotte,véhicules,gps,redis</translation>
    </message>
    <message>
        <source>Positions in Redis</source>
        <translation>Positions dans Redis</translation>
    </message>
    <message>
        <source>Largest age (seconds)</source>
        <translation>Âge maximal (secondes)</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>Positions</translation>
    </message>
    <message>
        <source>Number of vehicles</source>
        <translation>Nombre de véhicules</translation>
    </message>
    <message>
        <source>Number of refused records</source>
        <translation>Nombre d’enregistrements refusés</translation>
    </message>
    <message>
        <source>No positions were found in {source}.</source>
        <translation>Aucune position n’a été trouvée dans {source}.</translation>
    </message>
    <message>
        <source>Refused ({reason}): {n}</source>
        <translation>Refusés ({reason}) : {n}</translation>
    </message>
    <message>
        <source>Publish positions</source>
        <translation>Publier des positions</translation>
    </message>
    <message>
        <source>Writes the points of a layer to Redis as positions, a JSON string for each id, which expire. With a field of time and a speed above 0 they are replayed in the order of time, so many times as fast as they were reported, as if the first were reported now. Cancel ends a replay.</source>
        <translation>Écrit les points d’une couche dans Redis comme positions, une chaîne JSON par identifiant, qui expire. Avec un champ d’heure et une vitesse supérieure à 0, ils sont rejoués dans l’ordre du temps, autant de fois plus vite qu’ils n’ont été relevés, comme si le premier l’était maintenant. Annuler met fin à un rejeu.</translation>
    </message>
    <message>
        <source>Points in any CRS; their attributes are sent along.</source>
        <translation>Points dans n’importe quel SCR ; leurs attributs sont envoyés avec eux.</translation>
    </message>
    <message>
        <source>Tells the vehicles apart: the end of the key.</source>
        <translation>Distingue les véhicules : la fin de la clé.</translation>
    </message>
    <message>
        <source>When each position was reported: a date and time, an ISO 8601 text, or seconds. Empty: now.</source>
        <translation>Quand chaque position a été relevée : date et heure, texte ISO 8601 ou secondes. Vide : maintenant.</translation>
    </message>
    <message>
        <source>The keys are this, a colon, and the id.</source>
        <translation>Les clés sont ce préfixe, un deux-points et l’identifiant.</translation>
    </message>
    <message>
        <source>After so many seconds without a new position a vehicle's key expires. 0: never.</source>
        <translation>Après autant de secondes sans nouvelle position, la clé d’un véhicule expire. 0 : jamais.</translation>
    </message>
    <message>
        <source>0: all at once, with the times they have. 1: as fast as they were reported. 60: an hour in a minute.</source>
        <translation>0 : tout d’un coup, avec leurs propres heures. 1 : aussi vite qu’elles ont été relevées. 60 : une heure en une minute.</translation>
    </message>
    <message>
        <source>live,positions,replay,simulate,publish,redis</source>
        <translation>direct,positions,rejeu,simulation,publier,redis</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Points</translation>
    </message>
    <message>
        <source>Field of the id</source>
        <translation>Champ de l’identifiant</translation>
    </message>
    <message>
        <source>Field of the time</source>
        <translation>Champ de l’heure</translation>
    </message>
    <message>
        <source>Prefix of the keys</source>
        <translation>Préfixe des clés</translation>
    </message>
    <message>
        <source>Lifetime (seconds)</source>
        <translation>Durée de vie (secondes)</translation>
    </message>
    <message>
        <source>Speed of the replay</source>
        <translation>Vitesse du rejeu</translation>
    </message>
    <message>
        <source>Number of positions written</source>
        <translation>Nombre de positions écrites</translation>
    </message>
    <message>
        <source>A replay needs the field of the time.</source>
        <translation>Un rejeu a besoin du champ de l’heure.</translation>
    </message>
    <message>
        <source>Left out, without position, id or time: {n}</source>
        <translation>Omis, sans position, identifiant ou heure : {n}</translation>
    </message>
    <message>
        <source>The points cannot be transformed: {why}</source>
        <translation>Les points ne peuvent pas être transformés : {why}</translation>
    </message>
    <message>
        <source>History of positions</source>
        <translation>Historique des positions</translation>
    </message>
    <message>
        <source>Reads the ways of a fleet from a stream or from lists in Redis as lines. The M value of each vertex is the time of its report in seconds since 1970 UTC.</source>
        <translation>Lit les parcours d’une flotte depuis un flux (stream) ou des listes de Redis, sous forme de lignes. La valeur M de chaque sommet est l’heure de son relevé en secondes depuis 1970 UTC.</translation>
    </message>
    <message>
        <source>Reports before this moment are left out. Empty: from the beginning.</source>
        <translation>Les relevés antérieurs à ce moment sont omis. Vide : depuis le début.</translation>
    </message>
    <message>
        <source>Reports after this moment are left out. Empty: to the end.</source>
        <translation>Les relevés postérieurs à ce moment sont omis. Vide : jusqu’à la fin.</translation>
    </message>
    <message>
        <source>Where a vehicle did not report for longer, its line is cut.</source>
        <translation>Là où un véhicule s’est tu plus longtemps, sa ligne est coupée.</translation>
    </message>
    <message>
        <source>A multi-line for each vehicle, in EPSG:4326, with its start, its end and its number of vertices.</source>
        <translation>Une multi-ligne par véhicule, en EPSG:4326, avec son début, sa fin et son nombre de sommets.</translation>
    </message>
    <message>
        <source>live,positions,history,trajectories,stream,redis</source>
        <translation>direct,positions,historique,trajectoires,stream,redis</translation>
    </message>
    <message>
        <source>From (UTC)</source>
        <translation>Du (UTC)</translation>
    </message>
    <message>
        <source>Until (UTC)</source>
        <translation>Au (UTC)</translation>
    </message>
    <message>
        <source>Gap (seconds)</source>
        <translation>Interruption (secondes)</translation>
    </message>
    <message>
        <source>Ways</source>
        <translation>Parcours</translation>
    </message>
    <message>
        <source>{id}: a single position makes no line</source>
        <translation>{id} : une seule position ne fait pas une ligne</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>Correct ages also where reports arrive old</source>
        <translation>Corriger aussi les âges quand les relevés arrivent vieux</translation>
    </message>
    <message>
        <source>For a producer whose clock is behind. Where the way is slow, ages would be too small.</source>
        <translation>Pour un producteur dont l’horloge retarde. Si c’est le trajet qui est lent, les âges seraient trop petits.</translation>
    </message>
    <message>
        <source>Keep the last</source>
        <translation>Garder les dernières</translation>
    </message>
    <message>
        <source>and at most</source>
        <translation>et au plus</translation>
    </message>
    <message>
        <source>points a vehicle</source>
        <translation>points par véhicule</translation>
    </message>
    <message>
        <source>Reported {time}, received {receipt} (UTC)</source>
        <translation>Relevé à {time}, reçu à {receipt} (UTC)</translation>
    </message>
    <message>
        <source>Settings of the feed…</source>
        <translation>Réglages du flux…</translation>
    </message>
    <message>
        <source>Look at a feed in Redis</source>
        <translation>Examen d’un flux dans Redis</translation>
    </message>
    <message>
        <source>Settings of the feed {name}</source>
        <translation>Réglages du flux {name}</translation>
    </message>
    <message>
        <source>There is nothing to preview just now; the settings can be changed all the same.</source>
        <translation>Rien à montrer en aperçu pour l’instant ; les réglages peuvent être changés quand même.</translation>
    </message>
    <message>
        <source>Name and fields</source>
        <translation>Nom et champs</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Règles</translation>
    </message>
    <message>
        <source>never</source>
        <translation>jamais</translation>
    </message>
    <message>
        <source> km/h</source>
        <translation> km/h</translation>
    </message>
    <message>
        <source>any speed</source>
        <translation>aucune limite</translation>
    </message>
    <message>
        <source>the active one</source>
        <translation>celle qui est active</translation>
    </message>
    <message>
        <source>Which saved connection the feed uses</source>
        <translation>La connexion enregistrée que le flux utilise</translation>
    </message>
    <message>
        <source>Read every</source>
        <translation>Lire toutes les</translation>
    </message>
    <message>
        <source>Late after</source>
        <translation>En retard après</translation>
    </message>
    <message>
        <source>Without anything new for so long, the lamp says that the feed is late</source>
        <translation>Sans rien de nouveau pendant ce temps, le voyant indique que le flux est en retard</translation>
    </message>
    <message>
        <source>Silent vehicles leave after</source>
        <translation>Retirer les véhicules muets après</translation>
    </message>
    <message>
        <source>So long after its last report a vehicle leaves the layer</source>
        <translation>Ce temps après son dernier relevé, un véhicule quitte la couche</translation>
    </message>
    <message>
        <source>Impossible above</source>
        <translation>Impossible au-delà de</translation>
    </message>
    <message>
        <source>A position that could only be reached faster than this is refused</source>
        <translation>Une position qui n’aurait pu être atteinte qu’à une vitesse supérieure est refusée</translation>
    </message>
    <message>
        <source>Time ahead allowed</source>
        <translation>Avance tolérée</translation>
    </message>
    <message>
        <source>A report that is further in the future is refused; a clock that runs ahead is allowed for</source>
        <translation>Un relevé situé plus loin dans le futur est refusé ; l’avance d’une horloge est prise en compte</translation>
    </message>
    <message>
        <source>Producer's clock</source>
        <translation>Horloge du producteur</translation>
    </message>
    <message>
        <source>Whether ages allow for a producer's clock that is off by more than a minute</source>
        <translation>Si les âges tiennent compte d’une horloge du producteur décalée de plus d’une minute</translation>
    </message>
    <message>
        <source>Details of members</source>
        <translation>Détails des membres</translation>
    </message>
    <message>
        <source>The keys that hold the attributes; {id} stands for the member, {tail} for its last part</source>
        <translation>Les clés qui contiennent les attributs ; {id} désigne le membre, {tail} sa dernière partie</translation>
    </message>
    <message>
        <source>Details are</source>
        <translation>Forme des détails</translation>
    </message>
    <message>
        <source>Newest entry</source>
        <translation>Entrée la plus récente</translation>
    </message>
    <message>
        <source>corrected where it runs ahead</source>
        <translation>corrigée si elle avance</translation>
    </message>
    <message>
        <source>corrected also where it is behind</source>
        <translation>corrigée aussi si elle retarde</translation>
    </message>
    <message>
        <source>taken as it is</source>
        <translation>prise telle quelle</translation>
    </message>
    <message>
        <source>a hash for each member</source>
        <translation>un hash par membre</translation>
    </message>
    <message>
        <source>a JSON string for each member</source>
        <translation>une chaîne JSON par membre</translation>
    </message>
    <message>
        <source>one hash for all members</source>
        <translation>un hash pour tous les membres</translation>
    </message>
    <message>
        <source>at the head of the list</source>
        <translation>en tête de la liste</translation>
    </message>
    <message>
        <source>at its end</source>
        <translation>à la fin</translation>
    </message>
    <message>
        <source>Where a vehicle did not report for longer, its trail has a gap</source>
        <translation>Là où un véhicule est resté muet plus longtemps, sa trace est interrompue</translation>
    </message>
    <message>
        <source>Gap after silence of</source>
        <translation>Interrompre après un silence de</translation>
    </message>
    <message>
        <source>{shown} of {all}</source>
        <translation>{shown} sur {all}</translation>
    </message>
    <message>
        <source>The list and the layer hold only the vehicles that the map shows</source>
        <translation>La liste et la couche ne contiennent que les véhicules que la carte montre</translation>
    </message>
    <message>
        <source>{feed}: the layer of its geofences was removed; they are no longer watched.</source>
        <translation>{feed} : la couche de ses périmètres a été retirée ; ils ne sont plus surveillés.</translation>
    </message>
    <message>
        <source>Remove the feed and its layers</source>
        <translation>Retirer le flux et ses couches</translation>
    </message>
    <message>
        <source>Part of the cluster is away ({nodes}): what is kept there stays as it was last seen.</source>
        <translation>Une partie du cluster est absente ({nodes}) : ce qui s’y trouve reste tel qu’on l’a vu en dernier.</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Appliquer</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Direct</translation>
    </message>
</context>
</TS>
