<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Some stand at longitude 180° or at the latitude limit exactly, where Redis itself loses them.</source>
        <translation>Certains se trouvent exactement à la longitude 180° ou à la limite de latitude, là où Redis lui-même les perd.</translation>
    </message>
    <message>
        <source>You may not read the attributes of this set, so they are missing here.</source>
        <translation>Vous n’avez pas le droit de lire les attributs de cet ensemble : ils manquent donc ici.</translation>
    </message>
    <message>
        <source>You may not read ranges of this set, so members at longitude 180° or at the latitude limit may be missing.</source>
        <translation>Vous n’avez pas le droit de lire des plages de cet ensemble : des membres situés à la longitude 180° ou à la limite de latitude peuvent manquer.</translation>
    </message>
    <message>
        <source>There is no key of this name on the server: an empty GEO set does not exist in Redis.</source>
        <translation>Aucune clé de ce nom sur le serveur : un ensemble GEO vide n’existe pas dans Redis.</translation>
    </message>
    <message>
        <source>This sorted set holds no positions: its scores are no places on the map.</source>
        <translation>Cet ensemble trié ne contient pas de positions : ses scores ne correspondent à aucun lieu de la carte.</translation>
    </message>
    <message>
        <source>no member name (NULL or empty)</source>
        <translation>sans nom de membre (NULL ou vide)</translation>
    </message>
    <message>
        <source>beyond the latitude limit of GEO sets (85.05112878°) or no longitude</source>
        <translation>au-delà de la limite de latitude des ensembles GEO (85,05112878°) ou longitude impossible</translation>
    </message>
    <message>
        <source>a second row of the same member</source>
        <translation>deuxième ligne du même membre</translation>
    </message>
    <message>
        <source>several points in one feature</source>
        <translation>plusieurs points dans une même entité</translation>
    </message>
    <message>
        <source>This key holds another kind of value ({kind}), not a GEO set.</source>
        <translation>Cette clé contient une autre sorte de valeur ({kind}), pas un ensemble GEO.</translation>
    </message>
    <message>
        <source>This connection cannot be opened: check its settings and its secret.</source>
        <translation>Cette connexion ne peut pas être ouverte : vérifiez ses paramètres et son secret.</translation>
    </message>
    <message>
        <source>Reading {set}</source>
        <translation>Lecture de {set}</translation>
    </message>
    <message>
        <source>The live positions are not loaded.</source>
        <translation>Les positions en direct ne sont pas chargées.</translation>
    </message>
    <message>
        <source>Only point layers of the project can be loaded into a GEO set.</source>
        <translation>Seules les couches de points du projet peuvent être chargées dans un ensemble GEO.</translation>
    </message>
    <message>
        <source>Looking into {name}</source>
        <translation>Exploration de {name}</translation>
    </message>
    <message>
        <source>Search in this set</source>
        <translation>Rechercher dans cet ensemble</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Recherche…</translation>
    </message>
    <message>
        <source>Choose a GEO set first.</source>
        <translation>Choisissez d’abord un ensemble GEO.</translation>
    </message>
    <message>
        <source>A corridor needs a radius greater than 0.</source>
        <translation>Un corridor demande un rayon supérieur à 0.</translation>
    </message>
    <message>
        <source>{set} along lines, {distance}</source>
        <translation>{set} le long de lignes, {distance}</translation>
    </message>
    <message>
        <source>{set} within {distance}</source>
        <translation>{set} à moins de {distance}</translation>
    </message>
    <message>
        <source>{set} in an area</source>
        <translation>{set} dans une zone</translation>
    </message>
    <message>
        <source>Click on the map, or type a center: x, y in the project's CRS, or the name of a member.</source>
        <translation>Cliquez sur la carte, ou saisissez un centre : x, y dans le SCR du projet, ou le nom d’un membre.</translation>
    </message>
    <message>
        <source>These coordinates lie outside of what the project's CRS can show.</source>
        <translation>Ces coordonnées sortent de ce que le SCR du projet peut représenter.</translation>
    </message>
    <message>
        <source>Make a vector layer active and select features in it.</source>
        <translation>Activez une couche vecteur et sélectionnez-y des entités.</translation>
    </message>
    <message>
        <source>The active layer holds no polygons.</source>
        <translation>La couche active ne contient pas de polygones.</translation>
    </message>
    <message>
        <source>The active layer holds no lines.</source>
        <translation>La couche active ne contient pas de lignes.</translation>
    </message>
    <message>
        <source>None of the selected features has a position.</source>
        <translation>Aucune des entités sélectionnées n’a de position.</translation>
    </message>
    <message>
        <source>{set}, nearest {count}</source>
        <translation>{set}, les {count} plus proches</translation>
    </message>
    <message>
        <source>Select features in the layer {name} first.</source>
        <translation>Sélectionnez d’abord des entités dans la couche {name}.</translation>
    </message>
    <message>
        <source>That is more than {count} features: use the algorithm of the Processing toolbox.</source>
        <translation>Plus de {count} entités : utilisez l’algorithme de la boîte à outils de traitements.</translation>
    </message>
    <message>
        <source>Search around a point</source>
        <translation>Rechercher autour d’un point</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Arrêt en cours…</translation>
    </message>
    <message>
        <source>Stopped. The earlier results are still shown.</source>
        <translation>Arrêté. Les résultats précédents restent affichés.</translation>
    </message>
    <message>
        <source>The set has no member of this name, and it is no pair of coordinates either.</source>
        <translation>L’ensemble n’a pas de membre de ce nom, et ce n’est pas non plus un couple de coordonnées.</translation>
    </message>
    <message>
        <source>This center is no position on the globe.</source>
        <translation>Ce centre n’est pas une position sur le globe.</translation>
    </message>
    <message>
        <source>The radius must be a number of 0 or more.</source>
        <translation>Le rayon doit être un nombre supérieur ou égal à 0.</translation>
    </message>
    <message>
        <source>This area is empty or reaches beyond what can be put into degrees.</source>
        <translation>Cette zone est vide ou dépasse ce qui peut être exprimé en degrés.</translation>
    </message>
    <message>
        <source>Click on the map to search a GEO set around the point; drag to draw the radius.</source>
        <translation>Cliquez sur la carte pour chercher dans un ensemble GEO autour du point ; faites glisser pour tracer le rayon.</translation>
    </message>
    <message>
        <source>Searching {set}</source>
        <translation>Recherche dans {set}</translation>
    </message>
    <message>
        <source>The limit must be 0 or more.</source>
        <translation>La limite doit être supérieure ou égale à 0.</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Rechercher</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Effacer</translation>
    </message>
    <message>
        <source>As layer</source>
        <translation>En couche</translation>
    </message>
    <message>
        <source>Keep the results as a layer, with the searched area</source>
        <translation>Conserver les résultats dans une couche, avec la zone de recherche</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoomer</translation>
    </message>
    <message>
        <source>Show all results on the map</source>
        <translation>Montrer tous les résultats sur la carte</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copier</translation>
    </message>
    <message>
        <source>Copy the selected rows, or all of them, as text for a spreadsheet</source>
        <translation>Copier les lignes sélectionnées, ou toutes, en texte pour un tableur</translation>
    </message>
    <message>
        <source>Name of a GEO set</source>
        <translation>Nom d’un ensemble GEO</translation>
    </message>
    <message>
        <source>Look for GEO sets again</source>
        <translation>Chercher à nouveau les ensembles GEO</translation>
    </message>
    <message>
        <source>x, y in the project's CRS, or a member</source>
        <translation>x, y dans le SCR du projet, ou un membre</translation>
    </message>
    <message>
        <source>Click on the map, or drag the radius</source>
        <translation>Cliquer sur la carte, ou tracer le rayon</translation>
    </message>
    <message>
        <source>Center</source>
        <translation>Centre</translation>
    </message>
    <message>
        <source>Radius</source>
        <translation>Rayon</translation>
    </message>
    <message>
        <source>all</source>
        <translation>tous</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Au plus</translation>
    </message>
    <message>
        <source>on the project's ellipsoid</source>
        <translation>sur l’ellipsoïde du projet</translation>
    </message>
    <message>
        <source>on the sphere, as Redis does</source>
        <translation>sur la sphère, comme Redis</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Mesure</translation>
    </message>
    <message>
        <source>Search while dragging</source>
        <translation>Rechercher pendant le tracé</translation>
    </message>
    <message>
        <source>Add to the results</source>
        <translation>Ajouter aux résultats</translation>
    </message>
    <message>
        <source>within a radius of a point</source>
        <translation>à moins d’un rayon d’un point</translation>
    </message>
    <message>
        <source>within a radius of each selected feature</source>
        <translation>à moins d’un rayon de chaque entité sélectionnée</translation>
    </message>
    <message>
        <source>nearest to a point</source>
        <translation>les plus proches d’un point</translation>
    </message>
    <message>
        <source>nearest to each selected feature</source>
        <translation>les plus proches de chaque entité sélectionnée</translation>
    </message>
    <message>
        <source>in the map's extent</source>
        <translation>dans l’emprise de la carte</translation>
    </message>
    <message>
        <source>in the selected polygons</source>
        <translation>dans les polygones sélectionnés</translation>
    </message>
    <message>
        <source>along the selected lines</source>
        <translation>le long des lignes sélectionnées</translation>
    </message>
    <message>
        <source>Syntax</source>
        <translation>Syntaxe</translation>
    </message>
    <message>
        <source>Example</source>
        <translation>Exemple</translation>
    </message>
    <message>
        <source>The position of a member of a Redis GEO set, as a point in WGS 84: the exact one where it is kept beside the set. NULL where the set has no such member.</source>
        <translation>La position d’un membre d’un ensemble GEO de Redis, en point WGS 84 : la position exacte lorsqu’elle est conservée à côté de l’ensemble. NULL si l’ensemble n’a pas ce membre.</translation>
    </message>
    <message>
        <source>The distance in metres, on the ellipsoid of WGS 84, between a member of a Redis GEO set and another member or a point in WGS 84. NULL where there is no such member.</source>
        <translation>La distance en mètres, sur l’ellipsoïde WGS 84, entre un membre d’un ensemble GEO de Redis et un autre membre ou un point en WGS 84. NULL si ce membre n’existe pas.</translation>
    </message>
    <message>
        <source>The members of a Redis GEO set within a distance in metres of a point in WGS 84, nearest first, as an array. At most the 10,000 nearest.</source>
        <translation>Les membres d’un ensemble GEO de Redis à moins d’une distance en mètres d’un point en WGS 84, du plus proche au plus lointain, dans un tableau. Au plus les 10 000 plus proches.</translation>
    </message>
    <message>
        <source>This is no position or no radius.</source>
        <translation>Ce n’est pas une position, ou pas un rayon.</translation>
    </message>
    <message>
        <source>A geometry in degrees (WGS 84) is expected.</source>
        <translation>Une géométrie en degrés (WGS 84) est attendue.</translation>
    </message>
    <message>
        <source>{title} (area)</source>
        <translation>{title} (zone)</translation>
    </message>
    <message>
        <source>Members of Redis GEO sets</source>
        <translation>Membres des ensembles GEO de Redis</translation>
    </message>
    <message>
        <source>N</source>
        <translation>N</translation>
    </message>
    <message>
        <source>NE</source>
        <translation>NE</translation>
    </message>
    <message>
        <source>E</source>
        <translation>E</translation>
    </message>
    <message>
        <source>SE</source>
        <translation>SE</translation>
    </message>
    <message>
        <source>S</source>
        <translation>S</translation>
    </message>
    <message>
        <source>SW</source>
        <translation>SO</translation>
    </message>
    <message>
        <source>W</source>
        <translation>O</translation>
    </message>
    <message>
        <source>NW</source>
        <translation>NO</translation>
    </message>
    <message>
        <source>{value} km</source>
        <translation>{value} km</translation>
    </message>
    <message>
        <source>{degrees}° {point}</source>
        <translation>{degrees}° {point}</translation>
    </message>
    <message>
        <source>Member</source>
        <translation>Membre</translation>
    </message>
    <message>
        <source>Bearing</source>
        <translation>Azimut</translation>
    </message>
    <message>
        <source>{value} m</source>
        <translation>{value} m</translation>
    </message>
    <message>
        <source>Members found: {count}</source>
        <translation>Membres trouvés : {count}</translation>
    </message>
    <message>
        <source>{milliseconds} ms</source>
        <translation>{milliseconds} ms</translation>
    </message>
    <message>
        <source>Making the layer {name}</source>
        <translation>Création de la couche {name}</translation>
    </message>
    <message>
        <source>The layer could not be made.</source>
        <translation>La couche n’a pas pu être créée.</translation>
    </message>
    <message>
        <source>centers or areas: {count}</source>
        <translation>centres ou zones : {count}</translation>
    </message>
    <message>
        <source>The map shows the first {count}; keep them as a layer to see all.</source>
        <translation>La carte montre les {count} premiers ; conservez-les en couche pour les voir tous.</translation>
    </message>
    <message>
        <source>Looking for GEO sets</source>
        <translation>Recherche des ensembles GEO</translation>
    </message>
    <message>
        <source>With attributes and exact coordinates.</source>
        <translation>Avec attributs et coordonnées exactes.</translation>
    </message>
    <message>
        <source>No GEO set found on this server</source>
        <translation>Aucun ensemble GEO sur ce serveur</translation>
    </message>
    <message>
        <source>Members: {count}</source>
        <translation>Membres : {count}</translation>
    </message>
    <message>
        <source>Members that Redis itself loses (at longitude 180° or the latitude limit): {count}</source>
        <translation>Membres que Redis lui-même perd (à la longitude 180° ou à la limite de latitude) : {count}</translation>
    </message>
    <message>
        <source>Search a GEO set in polygons</source>
        <translation>Rechercher dans un ensemble GEO par polygones</translation>
    </message>
    <message>
        <source>Finds the members of a GEO set in each polygon of a layer. Holes are left out, the border counts as inside. Edges are straight in the layer's own CRS, as the map shows them. A member that lies in several polygons comes once for each.</source>
        <translation>Trouve les membres d’un ensemble GEO situés dans chaque polygone d’une couche. Les trous sont exclus, la limite compte comme intérieure. Les côtés sont droits dans le SCR de la couche, tels que la carte les montre. Un membre situé dans plusieurs polygones apparaît une fois pour chacun.</translation>
    </message>
    <message>
        <source>The polygons to search in.</source>
        <translation>Les polygones dans lesquels chercher.</translation>
    </message>
    <message>
        <source>redis,valkey,geo,polygon,area,inside,within,BYPOLYGON,BYBOX</source>
        <translation>redis,valkey,géo,polygone,zone,intérieur,dans,BYPOLYGON,BYBOX</translation>
    </message>
    <message>
        <source>Areas</source>
        <translation>Zones</translation>
    </message>
    <message>
        <source>Export a GEO set to a layer</source>
        <translation>Exporter un ensemble GEO vers une couche</translation>
    </message>
    <message>
        <source>Makes a point layer of all members of a GEO set, with the attributes and the exact coordinates that are kept beside it. Without those, positions are as the server rounds them, up to 0.33 m off.</source>
        <translation>Crée une couche de points avec tous les membres d’un ensemble GEO, leurs attributs et les coordonnées exactes conservées à côté de lui. Sans celles-ci, les positions sont celles que le serveur arrondit, à 0,33 m près au plus.</translation>
    </message>
    <message>
        <source>redis,valkey,geo,export,download,extract,points</source>
        <translation>redis,valkey,géo,exporter,télécharger,extraire,points</translation>
    </message>
    <message>
        <source>GEO sets</source>
        <translation>Ensembles GEO</translation>
    </message>
    <message>
        <source>The key of the GEO set on the server, such as locations.</source>
        <translation>La clé de l’ensemble GEO sur le serveur, par exemple locations.</translation>
    </message>
    <message>
        <source>on the sphere, as Redis measures</source>
        <translation>sur la sphère, comme Redis la mesure</translation>
    </message>
    <message>
        <source>On the ellipsoid: what QGIS's ruler calls inside is inside. On the sphere: the distances of GEODIST, up to 0.6 % off, between the positions as the server rounds them.</source>
        <translation>Sur l’ellipsoïde : ce que l’outil de mesure de QGIS dit à l’intérieur l’est. Sur la sphère : les distances de GEODIST, fausses de 0,6 % au plus, entre les positions telles que le serveur les arrondit.</translation>
    </message>
    <message>
        <source>Points in WGS 84 with their member, what was measured, and the attributes kept beside the set.</source>
        <translation>Points en WGS 84 avec leur membre, les mesures, et les attributs conservés à côté de l’ensemble.</translation>
    </message>
    <message>
        <source>Distances</source>
        <translation>Distances</translation>
    </message>
    <message>
        <source>Members found</source>
        <translation>Membres trouvés</translation>
    </message>
    <message>
        <source>Number of members</source>
        <translation>Nombre de membres</translation>
    </message>
    <message>
        <source>Name the GEO set.</source>
        <translation>Indiquez l’ensemble GEO.</translation>
    </message>
    <message>
        <source>Load a layer into a GEO set</source>
        <translation>Charger une couche dans un ensemble GEO</translation>
    </message>
    <message>
        <source>Writes the points of a layer into a GEO set, which any Redis client can search. A GEO set holds nothing but names and rounded positions, so the exact coordinates and the chosen attributes are kept beside it, in the hash whose name is that of the set and :attributs. Rows without a name or position, beyond the latitude limit, or with a name that came before are refused, each with its reason.</source>
        <translation>Écrit les points d’une couche dans un ensemble GEO, où tout client Redis peut chercher. Un ensemble GEO ne contient que des noms et des positions arrondies : les coordonnées exactes et les attributs choisis sont donc conservés à côté, dans le hash qui porte le nom de l’ensemble suivi de :attributs. Les lignes sans nom ni position, au-delà de la limite de latitude, ou dont le nom est déjà venu sont refusées, chacune avec sa raison.</translation>
    </message>
    <message>
        <source>The layer of points, in any CRS.</source>
        <translation>La couche de points, dans n’importe quel SCR.</translation>
    </message>
    <message>
        <source>The field that names each member, or an expression. Each name stands once in a set.</source>
        <translation>Le champ qui nomme chaque membre, ou une expression. Chaque nom figure une seule fois dans un ensemble.</translation>
    </message>
    <message>
        <source>Fields kept beside the set, so that searches bring them back.</source>
        <translation>Champs conservés à côté de l’ensemble, pour que les recherches les restituent.</translation>
    </message>
    <message>
        <source>add new members and move known ones</source>
        <translation>ajouter les nouveaux membres et déplacer les connus</translation>
    </message>
    <message>
        <source>add only new members</source>
        <translation>n’ajouter que les nouveaux membres</translation>
    </message>
    <message>
        <source>replace the whole set</source>
        <translation>remplacer tout l’ensemble</translation>
    </message>
    <message>
        <source>Only new members are added by GEOADD NX: known ones stay where they are. Replacing happens in one step: whoever searches meanwhile finds the old set or the new one.</source>
        <translation>Les nouveaux membres seuls sont ajoutés par GEOADD NX : les connus restent où ils sont. Le remplacement se fait en une fois : qui cherche pendant ce temps trouve l’ancien ensemble ou le nouveau.</translation>
    </message>
    <message>
        <source>redis,valkey,geo,load,import,upload,GEOADD,points</source>
        <translation>redis,valkey,géo,charger,importer,téléverser,GEOADD,points</translation>
    </message>
    <message>
        <source>Attributes to keep</source>
        <translation>Attributs à conserver</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Mode</translation>
    </message>
    <message>
        <source>Added members</source>
        <translation>Membres ajoutés</translation>
    </message>
    <message>
        <source>Moved members</source>
        <translation>Membres déplacés</translation>
    </message>
    <message>
        <source>Refused rows</source>
        <translation>Lignes refusées</translation>
    </message>
    <message>
        <source>Members now in the set</source>
        <translation>Membres désormais dans l’ensemble</translation>
    </message>
    <message>
        <source>Added: {added}. Moved: {changed}. Refused: {refused}. In the set now: {total}.</source>
        <translation>Ajoutés : {added}. Déplacés : {changed}. Refusés : {refused}. Désormais dans l’ensemble : {total}.</translation>
    </message>
    <message>
        <source>Refused rows, {reason}: {count}</source>
        <translation>Lignes refusées, {reason} : {count}</translation>
    </message>
    <message>
        <source>Feature {id} refused: {reason}</source>
        <translation>Entité {id} refusée : {reason}</translation>
    </message>
    <message>
        <source>Rows at longitude 180° or at the latitude limit, moved by less than 0.2 m so that Redis finds them: {count}</source>
        <translation>Lignes à la longitude 180° ou à la limite de latitude, déplacées de moins de 0,2 m pour que Redis les trouve : {count}</translation>
    </message>
    <message>
        <source>The member is neither a field nor an expression: {why}</source>
        <translation>Le membre n’est ni un champ ni une expression : {why}</translation>
    </message>
    <message>
        <source>Nearest members of a GEO set</source>
        <translation>Membres les plus proches d’un ensemble GEO</translation>
    </message>
    <message>
        <source>Finds, for each point of a layer, the nearest members of a GEO set, however far they are. Nearest on the ellipsoid, which is not always nearest on the sphere that Redis measures on.</source>
        <translation>Trouve, pour chaque point d’une couche, les membres les plus proches d’un ensemble GEO, si loin qu’ils soient. Les plus proches sur l’ellipsoïde, qui ne sont pas toujours ceux de la sphère sur laquelle Redis mesure.</translation>
    </message>
    <message>
        <source>A layer of centers; of lines and polygons the centroids are taken.</source>
        <translation>Une couche de centres ; pour les lignes et les polygones, ce sont les centroïdes.</translation>
    </message>
    <message>
        <source>How many members are kept of each center.</source>
        <translation>Nombre de membres conservés pour chaque centre.</translation>
    </message>
    <message>
        <source>redis,valkey,geo,nearest,closest,neighbors,knn</source>
        <translation>redis,valkey,géo,plus proche,proximité,voisins,knn</translation>
    </message>
    <message>
        <source>Centers</source>
        <translation>Centres</translation>
    </message>
    <message>
        <source>Number of neighbors</source>
        <translation>Nombre de voisins</translation>
    </message>
    <message>
        <source>Search a GEO set within a radius</source>
        <translation>Rechercher dans un ensemble GEO par rayon</translation>
    </message>
    <message>
        <source>Finds the members of a GEO set within a distance of a point, or of each point of a layer, nearest first. Distances are measured on the ellipsoid, so that what QGIS's ruler calls inside is inside; members exactly at the radius count. Also right across 180 degrees and around the poles.</source>
        <translation>Trouve les membres d’un ensemble GEO à moins d’une distance d’un point, ou de chaque point d’une couche, du plus proche au plus lointain. Les distances sont mesurées sur l’ellipsoïde : ce que l’outil de mesure de QGIS dit à l’intérieur l’est ; les membres situés exactement au rayon comptent. Juste aussi au passage des 180 degrés et autour des pôles.</translation>
    </message>
    <message>
        <source>The point to search around. Leave it empty to take the points of a layer.</source>
        <translation>Le point autour duquel chercher. Laissez-le vide pour prendre les points d’une couche.</translation>
    </message>
    <message>
        <source>A layer of centers, each its own search; of lines and polygons the centroids are taken.</source>
        <translation>Une couche de centres, chacun donnant lieu à une recherche ; pour les lignes et les polygones, ce sont les centroïdes.</translation>
    </message>
    <message>
        <source>The unit of the radius, as Redis has them: 1 mi = 1609.34 m, 1 ft = 0.3048 m.</source>
        <translation>L’unité du rayon, telle que Redis la définit : 1 mi = 1609,34 m, 1 ft = 0,3048 m.</translation>
    </message>
    <message>
        <source>Keep only so many of each center, the nearest. 0 keeps all.</source>
        <translation>Ne conserver que ce nombre par centre, les plus proches. 0 les conserve tous.</translation>
    </message>
    <message>
        <source>redis,valkey,geo,radius,distance,within,near,GEOSEARCH,GEORADIUS</source>
        <translation>redis,valkey,géo,rayon,distance,autour,proche,GEOSEARCH,GEORADIUS</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Unité</translation>
    </message>
    <message>
        <source>Give a center, or a layer of centers.</source>
        <translation>Indiquez un centre, ou une couche de centres.</translation>
    </message>
    <message>
        <source>Features without a position, passed over: {count}</source>
        <translation>Entités sans position, ignorées : {count}</translation>
    </message>
    <message>
        <source>The map shows the first areas only: {count}. Keep them as a layer to see more.</source>
        <translation>La carte ne montre que les premières zones : {count}. Conservez-les comme couche pour en voir davantage.</translation>
    </message>
    <message>
        <source>The connection {name} is now the active one.</source>
        <translation>La connexion {name} est maintenant la connexion active.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Arrêté.</translation>
    </message>
    <message>
        <source>The first {most} of {count} attributes are fields; the others stand as JSON in {field}.</source>
        <translation>Les {most} premiers attributs sur {count} sont des champs ; les autres se trouvent en JSON dans {field}.</translation>
    </message>
    <message>
        <source>The first {most} of {count} GEO sets; the Search panel takes any by its name.</source>
        <translation>Les {most} premiers ensembles GEO sur {count} ; le panneau Recherche en prend n’importe lequel par son nom.</translation>
    </message>
    <message>
        <source>The table shows the first {most} of {count} attributes.</source>
        <translation>Le tableau montre les {most} premiers attributs sur {count}.</translation>
    </message>
    <message>
        <source>The list shows {count} sets and no more: type the name of another.</source>
        <translation>La liste montre {count} ensembles, pas davantage : saisissez le nom d’un autre.</translation>
    </message>
    <message>
        <source>Some members have attributes of more than 1 MB, which were not read.</source>
        <translation>Certains membres ont plus de 1 Mo d’attributs, qui n’ont pas été lus.</translation>
    </message>
    <message>
        <source>The server has not answered yet.</source>
        <translation>Le serveur n’a pas encore répondu.</translation>
    </message>
    <message>
        <source>At most (0: all)</source>
        <translation>Au plus (0 : tous)</translation>
    </message>
    <message>
        <source>in a polygon drawn on the map</source>
        <translation>dans un polygone dessiné sur la carte</translation>
    </message>
    <message>
        <source>Draw the polygon on the map first: press the pencil, click the corners, right-click.</source>
        <translation>Dessinez d’abord le polygone sur la carte : prenez le crayon, cliquez les sommets, puis clic droit.</translation>
    </message>
    <message>
        <source>Select results on the map: click one, or drag a rectangle. With Shift they are added, with Ctrl taken away.</source>
        <translation>Sélectionner des résultats sur la carte : cliquez-en un, ou tracez un rectangle. Maj les ajoute, Ctrl les retire.</translation>
    </message>
    <message>
        <source>Draw the polygon on the map: right click ends, Backspace takes a corner back</source>
        <translation>Dessiner le polygone sur la carte : un clic droit termine, Retour arrière retire un sommet</translation>
    </message>
    <message>
        <source>none drawn yet</source>
        <translation>aucun encore dessiné</translation>
    </message>
    <message>
        <source>drawn, with {count} corners</source>
        <translation>dessiné, {count} sommets</translation>
    </message>
    <message>
        <source>No vector layer is active in the Layers panel.</source>
        <translation>Aucune couche vecteur n’est active dans le panneau Couches.</translation>
    </message>
    <message>
        <source>{layer}: {count} selected</source>
        <translation>{layer} : {count} sélectionnées</translation>
    </message>
    <message>
        <source>{layer}, which holds no polygons</source>
        <translation>{layer}, qui ne contient pas de polygones</translation>
    </message>
    <message>
        <source>{layer}: nothing selected</source>
        <translation>{layer} : rien de sélectionné</translation>
    </message>
    <message>
        <source>{layer}, which holds no lines</source>
        <translation>{layer}, qui ne contient pas de lignes</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Zone</translation>
    </message>
    <message>
        <source>Center id</source>
        <translation>Id du centre</translation>
    </message>
    <message>
        <source>Area id</source>
        <translation>Id de la zone</translation>
    </message>
    <message>
        <source>A single polygon to search in, as WKT with its CRS: CRS=EPSG:4326;Polygon((…)). Leave it empty to take the polygons of a layer.</source>
        <translation>Un seul polygone où chercher, en WKT avec son SCR : CRS=EPSG:4326;Polygon((…)). Laissez vide pour prendre les polygones d’une couche.</translation>
    </message>
    <message>
        <source>Give a layer of areas, or a polygon as area.</source>
        <translation>Indiquez une couche de zones, ou un polygone comme zone.</translation>
    </message>
    <message>
        <source>The results are a layer now: select in it with QGIS's own tools.</source>
        <translation>Les résultats sont maintenant une couche : sélectionnez-y avec les outils de QGIS.</translation>
    </message>
    <message>
        <source>documents of an index, in the map's extent</source>
        <translation>documents d’un index, dans l’emprise de la carte</translation>
    </message>
    <message>
        <source>documents of an index, in the selected polygons</source>
        <translation>documents d’un index, dans les polygones sélectionnés</translation>
    </message>
    <message>
        <source>documents of an index, in a polygon drawn on the map</source>
        <translation>documents d’un index, dans un polygone dessiné sur la carte</translation>
    </message>
    <message>
        <source>{index} in an area</source>
        <translation>{index} dans une zone</translation>
    </message>
    <message>
        <source>documents of an index, around a point</source>
        <translation>documents d’un index, autour d’un point</translation>
    </message>
    <message>
        <source>documents of an index, around each selected feature</source>
        <translation>documents d’un index, autour de chaque entité sélectionnée</translation>
    </message>
    <message>
        <source>{index} within {distance}</source>
        <translation>{index} à moins de {distance}</translation>
    </message>
    <message>
        <source>The server cannot be asked for this place, so all documents that the filter finds were read.</source>
        <translation>On ne peut pas demander ce lieu au serveur : tous les documents que trouve le filtre ont donc été lus.</translation>
    </message>
    <message>
        <source>Some shapes are not in degrees. The algorithm Search an index takes the CRS that they are in.</source>
        <translation>Certaines formes ne sont pas en degrés. L’algorithme Chercher dans un index prend le SCR dans lequel elles sont.</translation>
    </message>
    <message>
        <source>Documents: {count} · places: {places} · keys: {keys}</source>
        <translation>Documents : {count} · lieux : {places} · clés : {keys}</translation>
    </message>
    <message>
        <source>This server has no query engine. Redis 8 and Redis Stack have one; others keep no indexes.</source>
        <translation>Ce serveur n’a pas de moteur de requêtes. Redis 8 et Redis Stack en ont un ; les autres ne tiennent pas d’index.</translation>
    </message>
    <message>
        <source>On this cluster an index knows only the documents of its own node, so it cannot be searched.</source>
        <translation>Sur ce cluster, un index ne connaît que les documents de son propre nœud : on ne peut pas y chercher.</translation>
    </message>
    <message>
        <source>There is no index of this name on the server.</source>
        <translation>Il n’y a pas d’index de ce nom sur le serveur.</translation>
    </message>
    <message>
        <source>This index has no field that is a place (GEO or GEOSHAPE).</source>
        <translation>Cet index n’a aucun champ qui soit un lieu (GEO ou GEOSHAPE).</translation>
    </message>
    <message>
        <source>The server is still indexing ({percent} %): documents may be missing. Search again later.</source>
        <translation>Le serveur n’a pas fini d’indexer ({percent} %) : des documents peuvent manquer. Cherchez de nouveau plus tard.</translation>
    </message>
    <message>
        <source>Documents that the server could not index, and so are never found: {count}. The last one is {key}: {reason}. Correct it and write it again.</source>
        <translation>Documents que le serveur n’a pas pu indexer, et qui ne sont donc jamais trouvés : {count}. Le dernier est {key} : {reason}. Corrigez-le et écrivez-le de nouveau.</translation>
    </message>
    <message>
        <source>Documents whose place could not be read: {count}</source>
        <translation>Documents dont le lieu n’a pas pu être lu : {count}</translation>
    </message>
    <message>
        <source>The index has no field {fields}: the server finds nothing there. Its fields are {known}.</source>
        <translation>L’index n’a pas de champ {fields} : le serveur n’y trouve rien. Ses champs sont {known}.</translation>
    </message>
    <message>
        <source>This index has several places: say which of {names} is searched.</source>
        <translation>Cet index a plusieurs lieux : indiquez lequel de {names} est cherché.</translation>
    </message>
    <message>
        <source>This index has no place named {names}.</source>
        <translation>Cet index n’a pas de lieu nommé {names}.</translation>
    </message>
    <message>
        <source>Click on the map, or type a center: x, y in the project's CRS.</source>
        <translation>Cliquez sur la carte, ou saisissez un centre : x, y dans le SCR du projet.</translation>
    </message>
    <message>
        <source>Choose an index first.</source>
        <translation>Choisissez d’abord un index.</translation>
    </message>
    <message>
        <source>Index</source>
        <translation>Index</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Lieu</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filtre</translation>
    </message>
    <message>
        <source>x, y in the project's CRS</source>
        <translation>x, y dans le SCR du projet</translation>
    </message>
    <message>
        <source>Which documents, in the query language of the server: @state:{free} a tag, @seats:[4 +inf] a number.</source>
        <translation>Quels documents, dans le langage de requête du serveur : @state:{free} une étiquette, @seats:[4 +inf] un nombre.</translation>
    </message>
    <message>
        <source>Name of an index</source>
        <translation>Nom d’un index</translation>
    </message>
    <message>
        <source>all documents; or {example}</source>
        <translation>tous les documents ; ou {example}</translation>
    </message>
    <message>
        <source>Look for indexes again</source>
        <translation>Chercher de nouveau les index</translation>
    </message>
    <message>
        <source>Looking for indexes</source>
        <translation>Recherche des index</translation>
    </message>
    <message>
        <source>No index with a place found on this server</source>
        <translation>Aucun index avec un lieu sur ce serveur</translation>
    </message>
    <message>
        <source>Documents found: {count}</source>
        <translation>Documents trouvés : {count}</translation>
    </message>
    <message>
        <source>Search an index</source>
        <translation>Chercher dans un index</translation>
    </message>
    <message>
        <source>Finds the JSON documents or hashes under an index of the query engine (Redis 8, Redis Stack) within a radius of points, or in polygons, that a filter in the engine's own query language finds: the free vehicles within 2 km. Positions are measured on the ellipsoid; of shapes the nearest part counts, and what meets an area is in it. What the server could not index is counted in the log.</source>
        <translation>Trouve les documents JSON ou les hashs sous un index du moteur de requêtes (Redis 8, Redis Stack), dans un rayon autour de points ou dans des polygones, que trouve un filtre dans le langage de requête du moteur : les véhicules libres à moins de 2 km. Les positions sont mesurées sur l’ellipsoïde ; d’une forme compte la partie la plus proche, et ce qui touche une zone s’y trouve. Ce que le serveur n’a pas pu indexer est compté dans le journal.</translation>
    </message>
    <message>
        <source>redis,index,query,filter,document,json,hash,FT.SEARCH,FT.AGGREGATE,RediSearch,GEOSHAPE</source>
        <translation>redis,index,requête,filtre,document,json,hash,FT.SEARCH,FT.AGGREGATE,RediSearch,GEOSHAPE</translation>
    </message>
    <message>
        <source>The name of the index on the server, or an alias of it.</source>
        <translation>Le nom de l’index sur le serveur, ou un de ses alias.</translation>
    </message>
    <message>
        <source>Which documents, in the query language of the server, such as @state:{free} @seats:[4 +inf]. Empty: all.</source>
        <translation>Quels documents, dans le langage de requête du serveur, par exemple @state:{free} @seats:[4 +inf]. Vide : tous.</translation>
    </message>
    <message>
        <source>The point to search around. Leave it empty to take the points of a layer, or areas.</source>
        <translation>Le point autour duquel chercher. Laissez vide pour prendre les points d’une couche, ou des zones.</translation>
    </message>
    <message>
        <source>A single polygon to search in, as WKT with its CRS: CRS=EPSG:4326;Polygon((…)). Leave it empty to search around a center, or in the polygons of a layer.</source>
        <translation>Un seul polygone où chercher, en WKT avec son SCR : CRS=EPSG:4326;Polygon((…)). Laissez vide pour chercher autour d’un centre, ou dans les polygones d’une couche.</translation>
    </message>
    <message>
        <source>What is read of each document, with commas between: names of the index, fields of the hash, or paths such as $.driver.name. Empty: everything.</source>
        <translation>Ce qui est lu de chaque document, séparé par des virgules : noms de l’index, champs du hash, ou chemins comme $.driver.name. Vide : tout.</translation>
    </message>
    <message>
        <source>Which place is searched, where the index has several. Empty: the only one.</source>
        <translation>Le lieu qui est cherché, où l’index en a plusieurs. Vide : le seul.</translation>
    </message>
    <message>
        <source>The CRS of the coordinates of a field GEOSHAPE FLAT. Empty: degrees.</source>
        <translation>Le SCR des coordonnées d’un champ GEOSHAPE FLAT. Vide : des degrés.</translation>
    </message>
    <message>
        <source>In WGS 84, with their key as member, what was measured, and what was read of them. Polygons where the index has shapes that are polygons, else points.</source>
        <translation>En WGS 84, avec leur clé comme membre, ce qui a été mesuré et ce qui en a été lu. Des polygones où l’index a des formes qui en sont, sinon des points.</translation>
    </message>
    <message>
        <source>Where the index has shapes of both kinds: the points. Without it they are left out, and said.</source>
        <translation>Où l’index a des formes des deux sortes : les points. Sans cette sortie ils sont laissés de côté, et c’est dit.</translation>
    </message>
    <message>
        <source>Fields</source>
        <translation>Champs</translation>
    </message>
    <message>
        <source>Field of the place</source>
        <translation>Champ du lieu</translation>
    </message>
    <message>
        <source>CRS of flat shapes</source>
        <translation>SCR des formes planes</translation>
    </message>
    <message>
        <source>Documents found</source>
        <translation>Documents trouvés</translation>
    </message>
    <message>
        <source>Points among polygons</source>
        <translation>Points parmi les polygones</translation>
    </message>
    <message>
        <source>Number of documents</source>
        <translation>Nombre de documents</translation>
    </message>
    <message>
        <source>Name the index.</source>
        <translation>Nommez l’index.</translation>
    </message>
    <message>
        <source>Give one of these: a center, a layer of centers, an area, a layer of areas.</source>
        <translation>Donnez l’un de ceux-ci : un centre, une couche de centres, une zone, une couche de zones.</translation>
    </message>
    <message>
        <source>The index has polygons and points: the points found, {count}, are left out. Choose an output for them too.</source>
        <translation>L’index a des polygones et des points : les points trouvés, {count}, sont laissés de côté. Choisissez une sortie pour eux aussi.</translation>
    </message>
    <message>
        <source>The first {shown} of {count} connections; the Options have them all.</source>
        <translation>Les {shown} premières connexions sur {count} ; les Options les ont toutes.</translation>
    </message>
</context>
</TS>
