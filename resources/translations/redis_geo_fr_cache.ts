<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Feature {id} of “{name}” has an invalid geometry and was skipped.</source>
        <translation>L’entité {id} de « {name} » a une géométrie invalide et a été ignorée.</translation>
    </message>
    <message>
        <source>Feature {id} of “{name}” has an invalid geometry. Mend it, or change “Invalid features filtering” in the options of Processing.</source>
        <translation>L’entité {id} de « {name} » a une géométrie invalide. Corrigez-la, ou changez « Filtrage des entités invalides » dans les options de Traitement.</translation>
    </message>
    <message>
        <source>The output layer refuses the features. {words}</source>
        <translation>La couche de sortie refuse les entités. {words}</translation>
    </message>
    <message>
        <source>metres</source>
        <translation>mètres</translation>
    </message>
    <message>
        <source>kilometres</source>
        <translation>kilomètres</translation>
    </message>
    <message>
        <source>miles</source>
        <translation>miles</translation>
    </message>
    <message>
        <source>feet</source>
        <translation>pieds</translation>
    </message>
    <message>
        <source>units of the layer</source>
        <translation>unités de la couche</translation>
    </message>
    <message>
        <source>Buffer {distance} {unit} of {layer}</source>
        <translation>Tampon de {distance} {unit} de {layer}</translation>
    </message>
    <message>
        <source>Intersection of {layer}</source>
        <translation>Intersection de {layer}</translation>
    </message>
    <message>
        <source>Buffer of {layer}</source>
        <translation>Tampon de {layer}</translation>
    </message>
    <message>
        <source>Buffer selected features</source>
        <translation>Tampon des entités sélectionnées</translation>
    </message>
    <message>
        <source>Buffers the selected features of the current layer with the settings of the Cache panel.</source>
        <translation>Crée le tampon des entités sélectionnées de la couche courante avec les réglages du panneau Cache.</translation>
    </message>
    <message>
        <source>Choose a vector layer in the Layers panel, and select the features to buffer.</source>
        <translation>Choisissez une couche vecteur dans le panneau Couches et sélectionnez les entités.</translation>
    </message>
    <message>
        <source>No feature of {layer} is selected. Select the features to buffer, then press the button again.</source>
        <translation>Aucune entité de {layer} n’est sélectionnée. Sélectionnez les entités, puis appuyez de nouveau sur le bouton.</translation>
    </message>
    <message>
        <source>&lt;b&gt;In the cache&lt;/b&gt;</source>
        <translation>&lt;b&gt;Dans le cache&lt;/b&gt;</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Actualiser</translation>
    </message>
    <message>
        <source>Redis Geo: counting the cache</source>
        <translation>Redis Geo : comptage du cache</translation>
    </message>
    <message>
        <source>Purge the cache</source>
        <translation>Purger le cache</translation>
    </message>
    <message>
        <source>Redis Geo: purging the cache</source>
        <translation>Redis Geo : purge du cache</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>Espace de noms</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>Opération</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Résultats</translation>
    </message>
    <message>
        <source>Nothing yet. The first run fills it.</source>
        <translation>Rien pour l’instant. La première exécution le remplira.</translation>
    </message>
    <message>
        <source>Delete {count} results ({operation}) of the namespace “{namespace}”? Everyone who uses this server will have to compute them again.</source>
        <translation>Supprimer {count} résultats ({operation}) de l’espace de noms « {namespace} » ? Tous les utilisateurs de ce serveur devront les recalculer.</translation>
    </message>
    <message>
        <source>Buffer</source>
        <translation>Tampon</translation>
    </message>
    <message>
        <source>Intersection</source>
        <translation>Intersection</translation>
    </message>
    <message>
        <source>{hits} of {asked} found, {spared} s of computing spared for all who use it</source>
        <translation>{hits} trouvés sur {asked} demandés, {spared} s de calcul épargnées à l’ensemble des utilisateurs</translation>
    </message>
    <message>
        <source>{count} results, about {size}</source>
        <translation>{count} résultats, environ {size}</translation>
    </message>
    <message>
        <source>Deleted results: {count}</source>
        <translation>Résultats supprimés : {count}</translation>
    </message>
    <message>
        <source>A namespace is made of letters, digits, - and _ (at most 64).</source>
        <translation>Un espace de noms se compose de lettres, de chiffres, de - et de _ (64 au plus).</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Distance</translation>
    </message>
    <message>
        <source>Measure on the ellipsoid</source>
        <translation>Mesurer sur l’ellipsoïde</translation>
    </message>
    <message>
        <source>True metres, across the 180 degree meridian and near the poles too.</source>
        <translation>De vrais mètres, y compris de part et d’autre du méridien 180° et près des pôles.</translation>
    </message>
    <message>
        <source>Dissolve the result</source>
        <translation>Regrouper le résultat</translation>
    </message>
    <message>
        <source>Buffer distance</source>
        <translation>Distance du tampon</translation>
    </message>
    <message>
        <source>Take the distance of each feature from a field or an expression</source>
        <translation>Prendre la distance de chaque entité dans un champ ou une expression</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Forme</translation>
    </message>
    <message>
        <source>Round</source>
        <translation>Rond</translation>
    </message>
    <message>
        <source>Flat</source>
        <translation>Plat</translation>
    </message>
    <message>
        <source>Square</source>
        <translation>Carré</translation>
    </message>
    <message>
        <source>Miter</source>
        <translation>Angle droit</translation>
    </message>
    <message>
        <source>Bevel</source>
        <translation>Biseau</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation>Segments</translation>
    </message>
    <message>
        <source>End cap style</source>
        <translation>Style d’extrémité</translation>
    </message>
    <message>
        <source>Join style</source>
        <translation>Style de jointure</translation>
    </message>
    <message>
        <source>Miter limit</source>
        <translation>Limite d’angle droit</translation>
    </message>
    <message>
        <source>Overlay layer</source>
        <translation>Couche de superposition</translation>
    </message>
    <message>
        <source>Choose the overlay layer to intersect with.</source>
        <translation>Choisissez la couche de superposition de l’intersection.</translation>
    </message>
    <message>
        <source>A part of the cache of its own, such as a project's name: letters, digits, - and _</source>
        <translation>Une partie du cache à part, par exemple le nom d’un projet : lettres, chiffres, - et _</translation>
    </message>
    <message>
        <source>Keep for</source>
        <translation>Conserver</translation>
    </message>
    <message>
        <source>one hour</source>
        <translation>une heure</translation>
    </message>
    <message>
        <source>one day</source>
        <translation>un jour</translation>
    </message>
    <message>
        <source>one week</source>
        <translation>une semaine</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 jours</translation>
    </message>
    <message>
        <source>one year</source>
        <translation>un an</translation>
    </message>
    <message>
        <source>until purged</source>
        <translation>jusqu’à la purge</translation>
    </message>
    <message>
        <source>{layer} has no CRS, so a distance in {unit} means nothing. Set its CRS, or use its own units.</source>
        <translation>{layer} n’a pas de SCR : une distance en {unit} n’a donc pas de sens. Définissez son SCR ou utilisez ses propres unités.</translation>
    </message>
    <message>
        <source>{seconds} seconds</source>
        <translation>{seconds} secondes</translation>
    </message>
    <message>
        <source>Kept in the cache</source>
        <translation>Conservé dans le cache</translation>
    </message>
    <message>
        <source>Selected features only</source>
        <translation>Entités sélectionnées uniquement</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Couche</translation>
    </message>
    <message>
        <source>Workers are computers that take jobs from the server; see the Jobs panel. Without any, it is done here.</source>
        <translation>Les exécutants sont des ordinateurs qui prennent des tâches sur le serveur ; voir le panneau Tâches. Sans eux, tout est calculé ici.</translation>
    </message>
    <message>
        <source>Compute</source>
        <translation>Calculer</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Exécuter</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>here</source>
        <translation>ici</translation>
    </message>
    <message>
        <source>by workers when there are any</source>
        <translation>par les exécutants s’il y en a</translation>
    </message>
    <message>
        <source>Add a vector layer to the project first.</source>
        <translation>Ajoutez d’abord une couche vecteur au projet.</translation>
    </message>
    <message>
        <source>Selected features only ({count})</source>
        <translation>Entités sélectionnées uniquement ({count})</translation>
    </message>
    <message>
        <source>No feature of {layer} is selected. Select some, or clear “Selected features only”.</source>
        <translation>Aucune entité de {layer} n’est sélectionnée. Sélectionnez-en, ou décochez « Entités sélectionnées uniquement ».</translation>
    </message>
    <message>
        <source>Cancelled. What was computed until then is kept in the cache.</source>
        <translation>Annulé. Ce qui avait été calculé jusque-là est conservé dans le cache.</translation>
    </message>
    <message>
        <source>A run is under way. Wait for it, or cancel it in the Cache panel.</source>
        <translation>Une exécution est en cours. Attendez sa fin, ou annulez-la dans le panneau Cache.</translation>
    </message>
    <message>
        <source>The run failed. See the log for details.</source>
        <translation>L’exécution a échoué. Voir le journal pour les détails.</translation>
    </message>
    <message>
        <source>Computed by others in the meantime: {count}</source>
        <translation>Calculés par d’autres entre-temps : {count}</translation>
    </message>
    <message>
        <source>{done} Nothing more could be stored: {why}</source>
        <translation>{done} Plus rien n’a pu être enregistré : {why}</translation>
    </message>
    <message>
        <source>{done} {failed} without a result: see the log of Processing.</source>
        <translation>{done} {failed} sans résultat : voir le journal de Traitement.</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Cache</translation>
    </message>
    <message>
        <source>A part of the cache of its own, such as a project's name. Results are shared by all who use the same server and namespace, and can be counted and purged together. Letters, digits, - and _.</source>
        <translation>Une partie du cache à part, par exemple le nom d’un projet. Les résultats sont partagés entre tous ceux qui utilisent le même serveur et le même espace de noms ; ils se comptent et se purgent ensemble. Lettres, chiffres, - et _.</translation>
    </message>
    <message>
        <source>Keep for (seconds)</source>
        <translation>Conserver (secondes)</translation>
    </message>
    <message>
        <source>How long the server keeps a result. 0 keeps it until it is purged.</source>
        <translation>Durée pendant laquelle le serveur conserve un résultat. 0 le conserve jusqu’à la purge.</translation>
    </message>
    <message>
        <source>Read from the cache</source>
        <translation>Lus dans le cache</translation>
    </message>
    <message>
        <source>Not in the cache</source>
        <translation>Absents du cache</translation>
    </message>
    <message>
        <source>Computed</source>
        <translation>Calculés</translation>
    </message>
    <message>
        <source>Computed by others in the meantime</source>
        <translation>Calculés par d’autres entre-temps</translation>
    </message>
    <message>
        <source>Stored in the cache</source>
        <translation>Enregistrés dans le cache</translation>
    </message>
    <message>
        <source>Features without a result</source>
        <translation>Entités sans résultat</translation>
    </message>
    <message>
        <source>Seconds of computing spared</source>
        <translation>Secondes de calcul épargnées</translation>
    </message>
    <message>
        <source>Seconds taken</source>
        <translation>Secondes écoulées</translation>
    </message>
    <message>
        <source>{hits} of {total} from the cache, {computed} computed ({seconds} s of computing spared).</source>
        <translation>{hits} sur {total} lus dans le cache, {computed} calculés ({seconds} s de calcul épargnées).</translation>
    </message>
    <message>
        <source>Not everything could be read from or stored in the cache. {why}</source>
        <translation>Tout n’a pas pu être lu ou enregistré dans le cache. {why}</translation>
    </message>
    <message>
        <source>Buffer (cached in Redis)</source>
        <translation>Tampon (mis en cache dans Redis)</translation>
    </message>
    <message>
        <source>A buffer that is computed once for the whole organisation.</source>
        <translation>Un tampon calculé une seule fois pour toute l’organisation.</translation>
    </message>
    <message>
        <source>Computes a buffer around every feature, as the native buffer does, and keeps each result in Redis or Valkey. Whoever asks for the same buffer again, on any machine, gets it at once.

A result is found again by everything it depends on: the geometry, the distance, the styles and the CRS. Features that are quicker to compute than to fetch, such as many thousand points, are computed on the spot.

Z and M values are dropped, and curves are split into segments. Without a connection the buffers are computed all the same, and nothing is stored.</source>
        <translation>Calcule un tampon autour de chaque entité, comme le tampon natif, et conserve chaque résultat dans Redis ou Valkey. Quiconque redemande le même tampon, sur n’importe quelle machine, l’obtient aussitôt.

Un résultat est retrouvé d’après tout ce dont il dépend : la géométrie, la distance, les styles et le SCR. Les entités plus rapides à calculer qu’à lire, par exemple plusieurs milliers de points, sont calculées sur place.

Les valeurs Z et M sont abandonnées, et les courbes sont découpées en segments. Sans connexion, les tampons sont calculés tout de même et rien n’est enregistré.</translation>
    </message>
    <message>
        <source>The layer whose features are buffered; only its selected features if you wish.</source>
        <translation>La couche dont on veut le tampon ; ses seules entités sélectionnées si vous le souhaitez.</translation>
    </message>
    <message>
        <source>The distance in the units of the layer, or in metres where it is measured on the ellipsoid.</source>
        <translation>La distance dans les unités de la couche, ou en mètres quand elle est mesurée sur l’ellipsoïde.</translation>
    </message>
    <message>
        <source>How many segments a quarter of a circle is made of.</source>
        <translation>Nombre de segments d’un quart de cercle.</translation>
    </message>
    <message>
        <source>How the buffer ends at the ends of a line.</source>
        <translation>Forme du tampon aux extrémités d’une ligne.</translation>
    </message>
    <message>
        <source>How the buffer goes round a corner.</source>
        <translation>Forme du tampon autour d’un angle.</translation>
    </message>
    <message>
        <source>How far a mitred corner may reach, as a factor of the distance. Only for mitred joins.</source>
        <translation>Jusqu’où peut aller un angle droit, en facteur de la distance. Seulement pour les jointures à angle droit.</translation>
    </message>
    <message>
        <source>Unite all buffers in one feature. The united shape is cached too.</source>
        <translation>Réunir tous les tampons en une seule entité. La forme réunie est elle aussi mise en cache.</translation>
    </message>
    <message>
        <source>With a dissolved result: one feature for each part that touches no other.</source>
        <translation>Avec un résultat regroupé : une entité pour chaque partie qui n’en touche aucune autre.</translation>
    </message>
    <message>
        <source>Measures in metres on the ellipsoid of the layer's CRS, whatever its units: right for layers in degrees, across the 180 degree meridian and near the poles.</source>
        <translation>Mesure en mètres sur l’ellipsoïde du SCR de la couche, quelles que soient ses unités : juste pour les couches en degrés, de part et d’autre du méridien 180° et près des pôles.</translation>
    </message>
    <message>
        <source>buffer,grow,cache,redis,valkey,distance,geodesic</source>
        <translation>tampon,zone tampon,cache,redis,valkey,distance,géodésique</translation>
    </message>
    <message>
        <source>Input layer</source>
        <translation>Couche source</translation>
    </message>
    <message>
        <source>Dissolve result</source>
        <translation>Regrouper le résultat</translation>
    </message>
    <message>
        <source>Keep disjoint results separate</source>
        <translation>Garder séparés les résultats disjoints</translation>
    </message>
    <message>
        <source>Distance in metres on the ellipsoid</source>
        <translation>Distance en mètres sur l’ellipsoïde</translation>
    </message>
    <message>
        <source>Buffered</source>
        <translation>Mis en tampon</translation>
    </message>
    <message>
        <source>A distance on the ellipsoid needs a layer with a CRS. Set the layer's CRS first.</source>
        <translation>Une distance sur l’ellipsoïde demande une couche munie d’un SCR. Définissez d’abord le SCR de la couche.</translation>
    </message>
    <message>
        <source>Intersection (cached in Redis)</source>
        <translation>Intersection (mise en cache dans Redis)</translation>
    </message>
    <message>
        <source>An intersection of two layers that is computed once for the whole organisation.</source>
        <translation>Une intersection de deux couches calculée une seule fois pour toute l’organisation.</translation>
    </message>
    <message>
        <source>Takes from every feature of the input the parts that lie within the features of the overlay, with the attributes of both, as the native intersection does. Each pair's result is kept in Redis or Valkey: whoever asks for it again, on any machine, gets it at once.

HITS and MISSES count pairs whose rectangles overlap, also those that turn out to share nothing. Z and M values are dropped. Invalid geometries are refused as set in QGIS's Processing options.</source>
        <translation>Extrait de chaque entité source les parties situées dans les entités de la couche de superposition, avec les attributs des deux, comme l’intersection native. Le résultat de chaque paire est conservé dans Redis ou Valkey : quiconque le redemande, sur n’importe quelle machine, l’obtient aussitôt.

HITS et MISSES comptent les paires dont les rectangles se recouvrent, y compris celles qui ne partagent finalement rien. Les valeurs Z et M sont abandonnées. Les géométries invalides sont refusées selon les options de Traitement de QGIS.</translation>
    </message>
    <message>
        <source>The layer that is cut.</source>
        <translation>La couche découpée.</translation>
    </message>
    <message>
        <source>The layer it is cut with. It may have another CRS.</source>
        <translation>La couche qui la découpe. Son SCR peut être différent.</translation>
    </message>
    <message>
        <source>Overlay fields prefix</source>
        <translation>Préfixe des champs de superposition</translation>
    </message>
    <message>
        <source>Put before the names of the overlay's attributes.</source>
        <translation>Placé devant le nom des attributs de la couche de superposition.</translation>
    </message>
    <message>
        <source>intersection,overlay,clip,cache,redis,valkey</source>
        <translation>intersection,superposition,découper,cache,redis,valkey</translation>
    </message>
    <message>
        <source>Input fields to keep (leave empty to keep all fields)</source>
        <translation>Champs de la source à conserver (vide : tous les champs)</translation>
    </message>
    <message>
        <source>Overlay fields to keep (leave empty to keep all fields)</source>
        <translation>Champs de superposition à conserver (vide : tous les champs)</translation>
    </message>
    <message>
        <source>Attributes that the result carries.</source>
        <translation>Attributs que porte le résultat.</translation>
    </message>
    <message>
        <source>Deletes cached results of one namespace, or all of them. Only results that this plugin stored are deleted, in small batches, so that the server goes on serving others. The Cache panel does the same after showing how much it is.</source>
        <translation>Supprime les résultats en cache d’un espace de noms, ou de tous. Seuls les résultats enregistrés par cette extension sont supprimés, par petits lots, pour que le serveur continue de répondre aux autres. Le panneau Cache fait de même après en avoir montré le nombre.</translation>
    </message>
    <message>
        <source>Whose results are deleted. Empty: those of every namespace.</source>
        <translation>Celui dont les résultats sont supprimés. Vide : ceux de tous les espaces de noms.</translation>
    </message>
    <message>
        <source>Such as buffer or intersection. Empty: those of every operation.</source>
        <translation>Par exemple buffer ou intersection. Vide : ceux de toutes les opérations.</translation>
    </message>
    <message>
        <source>purge,delete,clear,cache,redis,valkey</source>
        <translation>purger,supprimer,vider,cache,redis,valkey</translation>
    </message>
    <message>
        <source>Deleted results</source>
        <translation>Résultats supprimés</translation>
    </message>
    <message>
        <source>Results to delete: {count}</source>
        <translation>Résultats à supprimer : {count}</translation>
    </message>
    <message>
        <source>Unknown operation. Known are: {names}.</source>
        <translation>Opération inconnue. Opérations connues : {names}.</translation>
    </message>
    <message>
        <source>The expression of the distance is not right: {why}</source>
        <translation>L’expression de la distance n’est pas correcte : {why}</translation>
    </message>
    <message>
        <source>The expression of the distance names fields that {layer} does not have: {fields}</source>
        <translation>L’expression de la distance nomme des champs que {layer} n’a pas : {fields}</translation>
    </message>
    <message>
        <source>Hits</source>
        <translation>Succès</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Keep every result, also those that are quicker to compute than to fetch</source>
        <translation>Conserver tous les résultats, même ceux qui se calculent plus vite qu’ils ne se lisent</translation>
    </message>
    <message>
        <source>Many points, and other small geometries where that proves quicker, are computed on the spot and not stored. Tick this where the results themselves are wanted on the server.</source>
        <translation>De nombreux points, et d’autres petites géométries si cela s’avère plus rapide, sont calculés sur place et ne sont pas conservés. À cocher si les résultats eux-mêmes sont voulus sur le serveur.</translation>
    </message>
    <message>
        <source>{hits} of {total} pairs of features from the cache, {computed} computed</source>
        <translation>{hits} couples d’entités sur {total} lus dans le cache, {computed} calculés</translation>
    </message>
    <message>
        <source>{hits} of {total} from the cache, {computed} computed</source>
        <translation>{hits} sur {total} lus dans le cache, {computed} calculés</translation>
    </message>
    <message>
        <source>{spared} s of computing spared</source>
        <translation>{spared} s de calcul épargnées</translation>
    </message>
    <message>
        <source>Features with the same value become one; without a field, all of them</source>
        <translation>Les entités de même valeur n’en font plus qu’une ; sans champ, toutes n’en font qu’une</translation>
    </message>
</context>
</TS>
